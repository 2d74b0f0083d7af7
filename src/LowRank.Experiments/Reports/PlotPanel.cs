namespace LowRank.Experiments.Reports;

/// <summary>One panel of a picture: a line per method.</summary>
/// <param name="Title">What sets it apart from the other panels.</param>
/// <param name="Lines">The methods' points.</param>
internal sealed record PlotPanel(string Title, IReadOnlyList<PlotLine> Lines);
