using System.Globalization;
using LowRank.Experiments.Reports.Figures;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Table 1: GLUE's tasks with 1,024 rows each, and the spread of the gaps over the seeds.</summary>
internal sealed class ManyTasks : LanguageTarget
{
    private const int Seeds = 10;
    private const int StepsOfSst2 = 600;

    // LoRA, Deep LoRA at full width, and their difference on the same seeds.
    private static readonly Dictionary<string, (PaperScore? Lora, PaperScore? Deep, PaperScore? Gap)> Paper = new()
    {
        ["cola"] = (new(0.2787, 0.0405, Seeds), new(0.3688, 0.0299, Seeds), new(0.09012, 0.0450, Seeds)),
        ["mnli"] = (new(0.5732, 0.0129, Seeds), new(0.5842, 0.0145, Seeds), new(0.01102, 0.0212, Seeds)),
        ["mrpc"] = (new(0.7436, 0.0284, Seeds), new(0.7478, 0.0328, Seeds), new(0.00417, 0.0341, Seeds)),
        ["qnli"] = (new(0.7407, 0.0257, Seeds), new(0.7884, 0.0139, Seeds), new(0.04766, 0.0295, Seeds)),
        ["qqp"] = (new(0.7176, 0.0146, Seeds), new(0.7226, 0.0176, Seeds), new(0.00503, 0.0146, Seeds)),
        ["rte"] = (new(0.5851, 0.0323, Seeds), new(0.6145, 0.0293, Seeds), new(0.02934, 0.0390, Seeds)),
        ["sst2"] = (new(0.8368, 0.0157, Seeds), new(0.8554, 0.0139, Seeds), new(0.01858, 0.0241, Seeds)),
        ["stsb"] = (new(0.8504, 0.0059, Seeds), new(0.8680, 0.0041, Seeds), new(0.01757, 0.0080, Seeds)),
    };

    public override string Id => "table1";

    public override string Place => "Table 1";

    public override string Shows => "Several tasks with 1,024 rows: how far Deep LoRA is ahead of LoRA, seed by seed.";

    public override IReadOnlyList<string> PaperTasks => [.. Paper.Keys];

    protected override IReadOnlyList<string> SampleTasks => ["similarity", "intent", "entailment"];

    protected override (double Paper, double Fair) QuickLosses => (8.757, 2.637);

    protected override LanguageSetup Full => new() { Steps = 1000, Rows = [1024], PaperSeeds = Seeds, FairSeeds = Seeds };

    protected override LanguageSetup BuiltIn => Full with { Steps = 200, PaperSeeds = 6, FairSeeds = 6, RateMultiples = [0.25, 1, 4, 16] };

    protected override LanguageSetup Quick => LanguageSetup.Tiny with { Rows = [64] };

    // The paper's runs of this task were shorter.
    protected override LanguageRun Adjust(LanguageRun run) =>
        run.Task.Name == "sst2" && run.Steps > StepsOfSst2 ? run with { Steps = StepsOfSst2 } : run;

    protected override TargetOutcome Judge(LanguageView view)
    {
        var table = new ProtocolTable(view, LanguageMethod.All);
        var findings =
            from protocol in LanguageView.Protocols
            from task in view.Scene.Tasks
            let paper = Paper.GetValueOrDefault(task.Name)
            from finding in LanguageFindings.Pair(view, protocol, task, LanguageMethod.Wide, view.Setup.Ranks[0], view.Setup.Rows[0], paper)
            select finding;
        return new(
            [.. findings, Overall(view, Protocol.Paper, 0.02793), Overall(view, Protocol.Fair, null)],
            new([.. LanguageView.Protocols.Select(protocol => Violins(view, protocol))], 2),
            string.Create(CultureInfo.InvariantCulture, $"Deep LoRA's score less LoRA's on the same seed, {view.Setup.Rows[0]} rows, {view.Setup.Steps} steps: a mark for each seed, ")
                + "an outline of their density, a bar at their mean. Full width; left under the paper's protocol, right under the fair one.",
            [table.Table()],
            [
                .. table.Remarks(),
                "The paper prints the mean gap with the variance of the seeds behind it; standard deviation and interval are here.",
            ]);
    }

    private static List<double> Gaps(LanguageView view, Protocol protocol, LanguageTask task)
    {
        var (rank, rows) = (view.Setup.Ranks[0], view.Setup.Rows[0]);
        return view.Scores.Of(protocol, task, LanguageMethod.Lora, rank, rows) is { } lora
            && view.Scores.Of(protocol, task, LanguageMethod.Wide, rank, rows) is { } deep ? [.. deep.Gaps(lora)] : [];
    }

    private static Finding Overall(LanguageView view, Protocol protocol, double? paper) => Finding.Of(
        $"{LanguageView.Words(protocol)}: mean gap over all tasks and seeds",
        view.Scene.Tasks.SelectMany(task => Gaps(view, protocol, task)),
        paper is { } value ? view.Expect(protocol, new(value, 0.0399, 8 * Seeds)) : null);

    private static ViolinPanel Violins(LanguageView view, Protocol protocol) => new(
        $"{LanguageMethod.Wide.Form}, {LanguageView.Words(protocol)}",
        "score less LoRA's",
        [.. view.Scene.Tasks.Select((task, at) => (task.Name, at + 1, (IReadOnlyList<double>)Gaps(view, protocol, task)))]);
}
