namespace LowRank.Cli.Commands;

/// <summary>A list of something that was inspected.</summary>
internal sealed record InspectionTable(
    IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows, int LeftAligned = 1);
