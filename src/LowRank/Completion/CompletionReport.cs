using LowRank.Factorization;

namespace LowRank.Completion;

/// <summary>How a completion went, in plain numbers.</summary>
public sealed record CompletionReport
{
    /// <summary>The method's short name.</summary>
    public required string Method { get; init; }

    /// <summary>Why the fit ended.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>Sweeps or gradient steps done.</summary>
    public required int Steps { get; init; }

    /// <summary>Wall-clock seconds of the fit.</summary>
    public required double Seconds { get; init; }

    /// <summary>Entries learned from.</summary>
    public required int Entries { get; init; }

    /// <summary>Number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Number of columns.</summary>
    public required int Columns { get; init; }

    /// <summary>Columns of the outer factors.</summary>
    public required int Width { get; init; }

    /// <summary>Root-mean-square error on the entries learned from, of the final model, before clamping.</summary>
    public required double TrainRmse { get; init; }

    /// <summary>Half the sum of squared residuals over the entries learned from, divided by rows x columns.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>The error on the validation entries when the fit stopped; null when there were none.</summary>
    public required CompletionScore? Validation { get; init; }

    /// <summary>Singular values of the low-rank part, in descending order.</summary>
    public required IReadOnlyList<double> SingularValues { get; init; }

    /// <summary>The step size that gradient descent ended with; null for other methods.</summary>
    public double? StepSize { get; init; }

    /// <summary>The number format of the inner loops.</summary>
    public required CompletionPrecision Precision { get; init; }

    /// <summary>The learning curve.</summary>
    public required IReadOnlyList<CompletionProgress> Curve { get; init; }
}
