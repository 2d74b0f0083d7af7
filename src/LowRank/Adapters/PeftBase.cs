namespace LowRank.Adapters;

/// <summary>What an adapter's folder says about the model it belongs to.</summary>
/// <param name="Name">The model's hub id or folder; null when the folder does not say.</param>
/// <param name="Revision">Its revision on the hub; null when the folder does not say.</param>
public sealed record PeftBase(string? Name, string? Revision);
