using System.Text.Json.Serialization;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Settings of a study of the authors' earlier paper (arXiv 2311.05061).</summary>
internal sealed record CompanionSetup
{
    public required int Size { get; init; }

    public required int Rank { get; init; }

    /// <summary>The share of known entries; 1 for all.</summary>
    public double Observed { get; init; } = 1;

    /// <summary>How many linear measurements there are in place of entries; 0 for none.</summary>
    public int Measurements { get; init; }

    public required double Step { get; init; }

    /// <summary>Step of the compressed network's first and last factor, as a multiple of the step.</summary>
    public double Alpha { get; init; } = 1;

    public required int MaxSteps { get; init; }

    public required int CheckEvery { get; init; }

    public required double Tolerance { get; init; }

    public int Depth { get; init; } = 3;

    public double InitialScale { get; init; } = 1e-2;

    /// <summary>What a run takes, roughly.</summary>
    [JsonIgnore]
    public double Seconds { get; init; } = 1;
}
