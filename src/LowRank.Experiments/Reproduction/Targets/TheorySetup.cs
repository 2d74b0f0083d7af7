using LowRank.Factorization;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>How large the matrices of <see cref="TheoryCheck"/> are, and how they descend.</summary>
internal sealed record TheorySetup
{
    /// <summary>Side of the squares, and the shorter side of the rectangles.</summary>
    public required int Side { get; init; }

    /// <summary>The longer side of the rectangles.</summary>
    public required int LongSide { get; init; }

    /// <summary>Rank of the target.</summary>
    public required int Rank { get; init; }

    /// <summary>Iterations; a multiple of <see cref="Every"/>.</summary>
    public required int Steps { get; init; }

    /// <summary>What the Gaussian target is multiplied by, so that its singular values are about one.</summary>
    public required double TargetScale { get; init; }

    /// <summary>Iterations between two looks.</summary>
    public required int Every { get; init; }

    /// <summary>Step size on the sum of squares.</summary>
    public double StepSize { get; init; } = 0.04;

    /// <summary>Initial scale of the rectangles' factors.</summary>
    public double RectangleScale { get; init; } = 0.3;

    /// <summary>The iterations from one look to the next, with frozen outer factors.</summary>
    public GradientDescent Descent(double decay) => new(new()
    {
        StepSize = StepSize,
        WeightDecay = decay,
        OuterRate = 0,
        MaxSteps = Every,
        CheckEvery = Every,
        Tolerance = 0,
    });
}
