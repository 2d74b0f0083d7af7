using LowRank.Experiments.Reports;
using LowRank.Experiments.Reports.Figures;

namespace LowRank.Experiments.Reproduction;

/// <summary>What a target's runs say.</summary>
/// <param name="Findings">Our numbers beside the expected ones.</param>
/// <param name="Figure">The figure; null when there is nothing to draw yet.</param>
/// <param name="Caption">What the figure shows, in the words of a caption.</param>
/// <param name="Tables">Further tables.</param>
/// <param name="Remarks">What a sceptical reader should know.</param>
public sealed record TargetOutcome(
    IReadOnlyList<Finding> Findings,
    Figure? Figure,
    string Caption,
    IReadOnlyList<ReportTable> Tables,
    IReadOnlyList<string> Remarks);
