using LowRank.Experiments.Reports.Figures;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>The figure of <see cref="GammaSensitivity"/>.</summary>
internal static class GammaFigure
{
    private const int NarrowStyle = 4; // of the first narrow network; the others follow

    /// <summary>Draws it.</summary>
    /// <param name="records">The runs.</param>
    /// <param name="setup">Their settings.</param>
    public static Figure Of(IReadOnlyList<CellRecord> records, GammaSetup setup) =>
        new([CurvePanel(records, setup), IterationPanel(records, setup)], 2);

    private static LinePanel CurvePanel(IReadOnlyList<CellRecord> records, GammaSetup setup) => new(
        "recovery error",
        "iterations",
        "recovery error on unknown entries",
        [
            .. setup.Drawn.Select((run, at) => (run, at, First: run.Among(records).MinBy(record => record.Seed)))
                .Where(one => one.First is not null)
                .Select(one => LineSeries.Plain(
                    one.run.Network == "compressed" ? one.run.Rate : one.run.Name,
                    one.run.Network == "narrow" ? NarrowStyle : one.at,
                    one.First!.Series("curve").Select(row => (row[0], row[2])))),
        ])
    { LogarithmicY = true, Legend = LegendPlace.Below };

    private static LinePanel IterationPanel(IReadOnlyList<CellRecord> records, GammaSetup setup)
    {
        var rates = setup.Runs.Where(run => run.Network == "compressed" && run.Estimate == setup.Rank && double.IsFinite(run.Iterations)).ToList();
        var (low, high) = (rates.Min(run => Math.Log10(run.Gamma)), rates.Max(run => Math.Log10(run.Gamma)));
        return new(
            "iterations",
            "rate of the outer factors, log10 γ",
            FormattableString.Invariant($"iterations to a train loss of {setup.Tolerance:0e+0}"),
            [
                LineSeries.OverRuns(
                    FormattableString.Invariant($"compressed, estimate {setup.Rank}"),
                    1,
                    rates.SelectMany(run => run.Among(records).Select(record => (Math.Log10(run.Gamma), record.Number("iterations"))))),
                .. setup.Runs.Where(run => run.Network != "compressed").Select((run, at) => LineSeries.OverRuns(
                    run.Name,
                    at == 0 ? 0 : NarrowStyle + at - 1,
                    run.Among(records).SelectMany(record => new[] { (low, record.Number("iterations")), (high, record.Number("iterations")) }))),
            ])
        { FromZero = true, Legend = LegendPlace.Below };
    }
}
