namespace LowRank.Transformers.Hub;

/// <summary>No attempt reached the Hub: the network's fault, where a cached model may stand in.</summary>
internal sealed class HubUnreachableException(string message, Exception? inner) : IOException(message, inner);
