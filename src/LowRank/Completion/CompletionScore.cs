namespace LowRank.Completion;

/// <summary>How far predictions are from the truth.</summary>
/// <param name="Rmse">Root-mean-square error, in the data's units; NaN when nothing was scored.</param>
/// <param name="Mae">Mean absolute error, in the data's units; NaN when nothing was scored.</param>
/// <param name="Count">Number of entries scored.</param>
public sealed record CompletionScore(double Rmse, double Mae, int Count)
{
    /// <summary>The score from sums of squared and absolute errors.</summary>
    internal static CompletionScore From(double squares, double absolutes, int count) =>
        new(Math.Sqrt(squares / count), absolutes / count, count);
}
