namespace LowRank.Experiments.Reports.Figures;

/// <summary>A path through three dimensions.</summary>
/// <param name="Label">Its name in the legend.</param>
/// <param name="Style">Its colour: the same number looks the same in all panels.</param>
/// <param name="Points">The path, drawn as a line.</param>
/// <param name="Marks">Points of it that are marked.</param>
public sealed record SpacePath(
    string Label,
    int Style,
    IReadOnlyList<(double X, double Y, double Z)> Points,
    IReadOnlyList<(double X, double Y, double Z)> Marks);
