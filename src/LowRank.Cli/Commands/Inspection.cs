namespace LowRank.Cli.Commands;

/// <summary>What something holds: facts and tables.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Facts">Single values by name, in order.</param>
/// <param name="Tables">Lists.</param>
internal sealed record Inspection(
    string Path, string Kind, IReadOnlyDictionary<string, string> Facts, IReadOnlyList<InspectionTable> Tables);
