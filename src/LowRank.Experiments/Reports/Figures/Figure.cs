namespace LowRank.Experiments.Reports.Figures;

/// <summary>A picture of several panels.</summary>
/// <param name="Panels">The panels, row by row.</param>
/// <param name="Columns">Panels in a row, at least 1.</param>
public sealed record Figure(IReadOnlyList<Panel> Panels, int Columns);
