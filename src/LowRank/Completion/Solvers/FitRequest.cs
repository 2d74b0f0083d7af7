using LowRank.Factorization;

namespace LowRank.Completion.Solvers;

/// <summary>One call of <see cref="MatrixCompletion.Fit"/>, checked and ready to be solved.</summary>
internal sealed record FitRequest(
    ObservedMatrix Data,
    MatrixCompletionOptions Options,
    int Rank,
    bool[]? HeldOut,
    CompletionModel? From,
    IProgress<CompletionProgress>? Progress,
    CancellationToken Stop)
{
    private const int FewestForValidation = 200;
    private readonly (double Low, double High) _range = Range(Data.Values);

    /// <summary>The lowest prediction allowed.</summary>
    public double Low => Options.Clamp ? _range.Low : double.NegativeInfinity;

    /// <summary>The highest prediction allowed.</summary>
    public double High => Options.Clamp ? _range.High : double.PositiveInfinity;

    /// <summary>Draws the validation entries; null when there are too few entries to spare any.</summary>
    public static bool[]? ChooseValidation(ObservedMatrix data, MatrixCompletionOptions options)
    {
        var wanted = (int)(options.Validation * data.Count);
        return wanted == 0 || data.Count < FewestForValidation ? null : data.Draw(wanted, options.Seed.For("validation"));
    }

    /// <summary>Makes the model and its report out of what a solver found.</summary>
    public CompletionModel ToModel(
        ChainFactors factors,
        IReadOnlyList<CompletionProgress> curve,
        StopReason reason,
        CompletionScore? validation,
        TimeSpan elapsed,
        CompletionPrecision precision,
        double? stepSize)
    {
        var squares = factors.SumOfSquares(Data, Options.ThreadCount);
        var report = new CompletionReport
        {
            Method = Options.Method.Name,
            StopReason = reason,
            Steps = curve.Count == 0 ? 0 : curve[^1].Step,
            Seconds = elapsed.TotalSeconds,
            Entries = Data.Count,
            Rows = Data.RowCount,
            Columns = Data.ColumnCount,
            Width = factors.Width,
            TrainRmse = Math.Sqrt(squares / Data.Count),
            TrainLoss = squares / 2 / Data.RowCount / Data.ColumnCount,
            Validation = validation,
            SingularValues = factors.SingularValues(),
            StepSize = stepSize,
            Precision = precision,
            Curve = curve,
        };
        return new(factors, Data.RowIds, Data.ColumnIds, Low, High, Options.RememberObserved ? Seen.Of(Data) : null, report);
    }

    private static (double Low, double High) Range(ReadOnlySpan<double> values)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        return (low, high);
    }
}
