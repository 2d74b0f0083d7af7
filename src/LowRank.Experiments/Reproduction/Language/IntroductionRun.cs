using System.Globalization;
using LowRank.Experiments.Reports.Figures;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Figure 2: spectra, subspaces and loss of a full-width Deep LoRA run on all rows.</summary>
internal sealed class IntroductionRun : LanguageTarget
{
    private const int ShownFrom = 4;
    private const double ShownAbove = 0.5;
    private const double Smoothing = 0.9;
    private static readonly int[] Looks = [0, 1, 10, 20, 30, 100, 500, 1000, 1500, 2000];

    // The steps and what Pearson's correlation was on the validation rows.
    private static readonly (int Step, double Score)[] Paper =
        [(100, 0.8433), (200, 0.8565), (500, 0.8777), (1000, 0.8851), (1500, 0.8900), (2000, 0.8875)];

    public override string Id => "fig2";

    public override string Place => "Figure 2";

    public override string Shows => "A wide Deep LoRA run: its updates end up nearly low-rank, in subspaces found in its first steps.";

    protected override (double Paper, double Fair) QuickLosses => (8.855, 2.637);

    protected override LanguageSetup Full => new()
    {
        Steps = 2000,
        Rows = [null],
        PaperSeeds = 1,
        FairSeeds = 1,
        RateMultiples = [1],
        EvaluateEvery = 100,
        RunsToTheEnd = true,
    };

    protected override LanguageSetup Quick => Full with { Steps = 30, EvaluateEvery = 10 };

    protected override IReadOnlyList<LanguageMethod> MethodsOf(Protocol protocol) => [LanguageMethod.Wide];

    // BERT's attention and feed-forward layers, without the pooler.
    protected override LanguageRun Adjust(LanguageRun run) => run with
    {
        Layers = "query,key,value,intermediate.dense,output.dense",
        FinalRateShare = 0.1,
        Watch = adapters => new SubspaceWatch(adapters, Looks),
    };

    protected override TargetOutcome Judge(LanguageView view)
    {
        var runs = LanguageView.Protocols
            .Select(protocol => (Protocol: protocol, Run: Run(view, protocol))).ToList();
        return new(
            [.. runs.SelectMany(pair => Findings(view, pair.Protocol, pair.Run))],
            runs.Any(pair => pair.Run is not null)
                ? new([.. runs.Where(pair => pair.Run is not null).SelectMany(pair => Panels(pair.Protocol, pair.Run!))], 3)
                : null,
            string.Create(CultureInfo.InvariantCulture, $"Full-width Deep LoRA on all rows, {view.Setup.Steps} steps, first seed. Left: the largest singular values of ")
                + "every layer's update at the end. Middle: cosine of the smallest principal angle (the paper's measure) and of the largest one between the "
                + $"{SubspaceWatch.Directions} leading input directions of each layer's update and those at the end; lines are means over the layers that the "
                + "paper's rule shows, bands from the least to the most. Right: training loss, smoothed as in the paper. Above: the paper's protocol; below: the fair one.",
            [],
            [
                "The paper measures the best aligned of eight directions, which says little of the other seven: the worst aligned is shown beside it.",
                "Its middle panel shows only layers whose alignment is above 0.5 at the fifth look (step 30); so does ours, and the share of such layers is a finding.",
            ]);
    }

    private static IEnumerable<Finding> Findings(LanguageView view, Protocol protocol, CellRecord? run)
    {
        var name = LanguageView.Words(protocol);
        yield return One($"{name}: mass of the singular values in the first four of ten, mean over layers", run?.Series("spectra")
            .Average(layer => layer.Take(4).Sum() / Math.Max(layer.Sum(), 1e-30)), null);
        yield return One($"{name}: share of layers aligned above 0.5 at step 30", Shown(run)?.Average(shown => shown ? 1.0 : 0), 40 / 72.0);
        yield return One($"{name}: worst aligned direction at step 30, mean over layers", Row(run, "worst_aligned")?.Average(), null);
        yield return One($"{name}: training loss at the end, smoothed", run is null ? null : Smoothed(run)[^1].Y, 0.2);
        foreach (var (step, score) in Paper.Where(point => point.Step <= view.Setup.Steps))
        {
            var ours = run?.Series("scores").FirstOrDefault(point => (int)point[0] == step);
            yield return One(string.Create(CultureInfo.InvariantCulture, $"{name}: score at step {step}"), ours?[1], score);
        }

        Finding One(string text, double? value, double? expected) => new(
            text,
            value ?? double.NaN,
            expected is { } told && view.Scene.Scale == ReproductionScale.Full
                ? Expectation.Told(told, view.Scene.IsThePapers ? "the authors' run of one seed" : "the authors' run, of another model and task: no band") : null);
    }

    private static IEnumerable<Panel> Panels(Protocol protocol, CellRecord run)
    {
        var words = LanguageView.Words(protocol);
        var shown = Shown(run)!;
        yield return new SurfacePanel($"singular values, {words}", "index", "layer", "singular value", run.Series("spectra"), 1);
        yield return new LinePanel(
            $"subspaces, {words}",
            "step + 1",
            "cosine to the subspace at the end",
            [Alignment("smallest angle", 1, "best_aligned"), Alignment("largest angle", 2, "worst_aligned")])
        { LogarithmicX = true, Legend = LegendPlace.Below };
        yield return new LinePanel(
            $"training loss, {words}", "step", "training loss, smoothed", [LineSeries.Plain("loss", 1, Smoothed(run))])
        { Legend = LegendPlace.None, FromZero = true };

        LineSeries Alignment(string label, int style, string series) => LineSeries.OverRuns(label, style, run.Series(series)
            .SelectMany(look => look.Skip(1).Where((_, layer) => shown[layer] || shown.All(any => !any)).Select(cosine => (look[0] + 1, cosine))));
    }

    // By the paper's rule: the best aligned direction at the fifth look.
    private static List<bool>? Shown(CellRecord? run) => Row(run, "best_aligned")?.Select(cosine => cosine > ShownAbove).ToList();

    private static IEnumerable<double>? Row(CellRecord? run, string series) => run?.Series(series) is { Count: > ShownFrom } rows ? rows[ShownFrom].Skip(1) : null;

    // The loss comes in means over stretches of steps.
    private static List<(double X, double Y)> Smoothed(CellRecord run)
    {
        List<(double X, double Y)> smooth = [];
        var (last, level) = (0.0, double.NaN);
        foreach (var point in run.Series("loss"))
        {
            var keep = Math.Pow(Smoothing, point[0] - last);
            level = double.IsNaN(level) ? point[1] : (keep * level) + ((1 - keep) * point[1]);
            last = point[0];
            smooth.Add((point[0], level));
        }

        return smooth;
    }

    private static CellRecord? Run(LanguageView view, Protocol protocol) =>
        view.Scores.Of(protocol, view.Scene.Tasks[0], LanguageMethod.Wide, 0, view.Setup.Rows[0])?.Runs[0];
}
