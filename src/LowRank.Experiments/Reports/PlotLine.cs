namespace LowRank.Experiments.Reports;

/// <summary>A method's mean scores.</summary>
/// <param name="Method">The method.</param>
/// <param name="Points">Where, the mean, and half the width of its confidence interval; in rising order.</param>
internal sealed record PlotLine(string Method, IReadOnlyList<(double X, double Mean, double HalfWidth)> Points);
