namespace LowRank.Cli.Plots;

/// <summary>A named line of points.</summary>
internal sealed record PlotCurve(string Name, IReadOnlyList<(double X, double Y)> Points);
