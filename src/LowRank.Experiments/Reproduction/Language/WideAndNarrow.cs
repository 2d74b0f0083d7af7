using System.Globalization;
using LowRank.Experiments.Reports.Figures;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Figure 9: the training loss and the score of the wide, the narrow and the compressed form.</summary>
internal sealed class WideAndNarrow : LanguageTarget
{
    private static readonly string[] Shown = ["loss", "scores"];
    private static readonly LanguageMethod[] Methods = [LanguageMethod.Wide, LanguageMethod.Narrow, LanguageMethod.Compressed];

    // One seed: the loss at the end, the first step with a loss below 1, the score at the end.
    private static readonly Dictionary<LanguageMethod, (double Loss, double Step, double Score)> Paper = new()
    {
        [LanguageMethod.Wide] = (0.0365, 18, 0.694),
        [LanguageMethod.Narrow] = (0.0645, 115, 0.720),
        [LanguageMethod.Compressed] = (0.0316, 21, 0.680),
    };

    public override string Id => "fig9";

    public override string Place => "Figure 9";

    public override string Shows => "How soon the wide, the narrow and the compressed form of Deep LoRA learn from 16 rows.";

    protected override (double Paper, double Fair) QuickLosses => (4.423, 2.554);

    protected override LanguageSetup Full => new()
    {
        Steps = 200,
        Rows = [16],
        PaperSeeds = 6,
        FairSeeds = 6,
        RateMultiples = [1],
        EvaluateEvery = 20,
        RunsToTheEnd = true,
    };

    protected override LanguageSetup Quick => LanguageSetup.Tiny with { EvaluateEvery = 2, RunsToTheEnd = true };

    protected override IReadOnlyList<LanguageMethod> MethodsOf(Protocol protocol) => Methods;

    protected override TargetOutcome Judge(LanguageView view)
    {
        var findings =
            from protocol in LanguageView.Protocols
            from method in Methods
            from finding in Of(view, protocol, method)
            select finding;
        return new(
            [.. findings, .. LanguageView.Protocols.Select(protocol => Speed(view, protocol))],
            new(
                [
                    .. from protocol in LanguageView.Protocols
                       from series in Shown
                       select Lines(view, protocol, series),
                ],
                2),
            string.Create(CultureInfo.InvariantCulture, $"Training loss and score of the three forms on {view.Setup.Rows[0]} rows, {view.Setup.Steps} steps, as they are: ")
                + "the paper's picture smooths them (0.99 and 0.95), which hides that the narrow form ends best there. Lines are means over the seeds, "
                + "bands from the least to the most. Above: the paper's protocol. Below: the fair one, on validation rows.",
            [],
            ["The paper has one seed of each; its numbers are of that seed."]);
    }

    private static IEnumerable<Finding> Of(LanguageView view, Protocol protocol, LanguageMethod method)
    {
        var (runs, paper) = (Runs(view, protocol, method), Paper[method]);
        var name = $"{LanguageView.Words(protocol)}, {method.Label}";
        yield return Finding.Of($"{name}: training loss at the end", runs.Select(run => run.Series("loss")[^1][1]), Expect(paper.Loss));
        yield return Finding.Of($"{name}: first step with a loss below 1", runs.Select(FirstBelow), Expect(paper.Step), Never(runs));
        yield return Finding.Of($"{name}: score at the end", runs.Select(run => run.Series("scores")[^1][1]), Expect(paper.Score));

        // One seed has no spread to make a band of.
        Expectation? Expect(double value) => view.Scene.Scale == ReproductionScale.Quick ? null : Expectation.Told(value, "the authors' run of one seed");
    }

    private static Finding Speed(LanguageView view, Protocol protocol)
    {
        var (narrow, compressed) = (Runs(view, protocol, LanguageMethod.Narrow), Runs(view, protocol, LanguageMethod.Compressed));
        return Finding.Of(
            $"{LanguageView.Words(protocol)}: steps to a loss below 1, narrow over compressed",
            narrow.Join(compressed, run => run.Seed, run => run.Seed, (one, other) => FirstBelow(one) / FirstBelow(other)),
            view.Scene.Scale == ReproductionScale.Quick ? null : Expectation.Told(115 / 21.0, "the authors' run of one seed"));
    }

    // A run that never came there counts as its last step, which is too few; the note says how many did not.
    private static double FirstBelow(CellRecord run) => IsNever(run) ? run.Number("steps") : run.Number("first_step_below_1");

    private static bool IsNever(CellRecord run) => double.IsNaN(run.Number("first_step_below_1"));

    private static string Never(IReadOnlyList<CellRecord> runs)
    {
        var never = runs.Count(IsNever);
        return never > 0 ? string.Create(CultureInfo.InvariantCulture, $"never in {never} of {runs.Count} runs, which count as their last step") : "";
    }

    private static LinePanel Lines(LanguageView view, Protocol protocol, string series) => new(
        $"{(series == "loss" ? "training loss" : "score")}, {LanguageView.Words(protocol)}",
        "step",
        series == "loss" ? "training loss" : ScorePanels.Name(view.Scene.Tasks[0]),
        [
            .. Methods.Select(method => LineSeries.OverRuns(
                method.Label,
                method.Style,
                Runs(view, protocol, method).SelectMany(run => run.Series(series)).Select(point => (point[0], point[1])))
                with { Look = series == "loss" ? LineLook.Line : LineLook.MarkedLine }),
        ])
    { Legend = LegendPlace.Below };

    private static IReadOnlyList<CellRecord> Runs(LanguageView view, Protocol protocol, LanguageMethod method) =>
        view.Scores.Of(protocol, view.Scene.Tasks[0], method, view.Setup.Ranks[0], view.Setup.Rows[0])?.Runs ?? [];
}
