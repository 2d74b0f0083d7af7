using LowRank.Experiments.Comparisons;

namespace LowRank.Cli.Commands;

/// <summary>What <c>lowrank compare</c> was asked to do; the model as it was named.</summary>
internal sealed record CompareRequest
{
    public required ComparisonOptions Options { get; init; }

    public required string Folder { get; init; }

    public required Shard? Shard { get; init; }

    public required string Baseline { get; init; }

    public required bool DryRun { get; init; }

    public required int Threads { get; init; }

    public required bool Json { get; init; }
}
