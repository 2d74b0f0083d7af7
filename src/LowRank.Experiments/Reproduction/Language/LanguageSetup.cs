namespace LowRank.Experiments.Reproduction.Language;

/// <summary>The numbers of a language target that depend on its scale.</summary>
internal sealed record LanguageSetup
{
    /// <summary>A few steps of one seed: that everything runs.</summary>
    public static LanguageSetup Tiny { get; } = new() { Steps = 4, Rows = [16], PaperSeeds = 1, FairSeeds = 1, RateMultiples = [1] };

    /// <summary>Optimizer steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Numbers of rows to learn from; null for all.</summary>
    public required IReadOnlyList<int?> Rows { get; init; }

    /// <summary>Ranks.</summary>
    public IReadOnlyList<int> Ranks { get; init; } = [8];

    /// <summary>Trials under the paper's protocol.</summary>
    public required int PaperSeeds { get; init; }

    /// <summary>Trials under the fair protocol.</summary>
    public required int FairSeeds { get; init; }

    /// <summary>Learning rates under the fair protocol, as multiples of each method's default.</summary>
    public IReadOnlyList<double> RateMultiples { get; init; } = [0.25, 1, 4];

    /// <summary>Steps between evaluations; null for the protocol's own.</summary>
    public int? EvaluateEvery { get; init; }

    /// <summary>Whether the fair protocol takes all steps too, instead of stopping where the validation score falls.</summary>
    public bool RunsToTheEnd { get; init; }

    /// <summary>The learning rates of a method under a protocol.</summary>
    public IReadOnlyList<double> Rates(Protocol protocol, LanguageMethod method, int rank) => protocol == Protocol.Paper
        ? [method.PaperRate]
        : [.. RateMultiples.Select(multiple => Rounded(multiple * method.Create(rank).DefaultLearningRate))];

    // Without the last digits' noise: rates are part of file names.
    private static double Rounded(double rate) => Math.Round(rate, 15);
}
