using System.Globalization;
using LowRank.Experiments.Reports;
using LowRank.Experiments.Reports.Figures;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Table 2: texts written for facts, by every metric.</summary>
internal sealed class WrittenTexts : LanguageTarget
{
    private static readonly string[] Metrics = ["bleu", "rouge1", "rouge2", "rougeL", "rougeLsum", "meteor"];
    private static readonly LanguageMethod[] Methods = [LanguageMethod.Lora, LanguageMethod.Narrow, LanguageMethod.Compressed];

    public override string Id => "table2";

    public override string Place => "Table 2";

    public override string Shows => "Sentences written for facts after 16 examples: how far Deep LoRA is ahead of LoRA by each metric.";

    public override IReadOnlyList<string> PaperTasks => ["e2e"];

    protected override bool Writes => true;

    protected override IReadOnlyList<string> SampleTasks => [LanguageTask.Facts];

    protected override (double Paper, double Fair) QuickLosses => (13.03, 12.54);

    protected override LanguageSetup Full => new() { Steps = 400, Rows = [16], PaperSeeds = 10, FairSeeds = 10 };

    protected override LanguageSetup BuiltIn => Full with { Steps = 200, PaperSeeds = 6, FairSeeds = 6, RateMultiples = [0.25, 1, 4, 16] };

    protected override LanguageSetup Quick => LanguageSetup.Tiny;

    protected override IReadOnlyList<LanguageMethod> MethodsOf(Protocol protocol) => Methods;

    protected override LanguageRun Adjust(LanguageRun run) => run with { MaxLength = 64 };

    protected override TargetOutcome Judge(LanguageView view)
    {
        var table = new ProtocolTable(view, Methods);
        return new(
            [
                .. from protocol in LanguageView.Protocols
                   from metric in Metrics
                   from method in Methods.Skip(1)
                   select Finding.Of(
                       $"{LanguageView.Words(protocol)}, {metric}: {method.Label} less LoRA", Gaps(view, protocol, method, metric), null),
            ],
            new([.. from protocol in LanguageView.Protocols from method in Methods.Skip(1) select Violins(view, protocol, method)], 2),
            string.Create(CultureInfo.InvariantCulture, $"Scores less LoRA's on the same seed after {view.Setup.Steps} steps on {view.Setup.Rows[0]} pairs, beam 4: a mark for ")
                + "each seed, an outline of their density, a bar at their mean. Above: the paper's protocol. Below: the fair one.",
            [Means(view), table.Table()],
            [
                .. table.Remarks(),
                "The paper's values are not known: its table has the mean and the variance of each metric's gap, and its script prints one metric a run.",
                "The paper's protocol scores each text by one reference, the fair one by all of its source.",
                "METEOR matches words and stems; synonyms need WordNet's files.",
            ]);
    }

    private static List<double> Gaps(LanguageView view, Protocol protocol, LanguageMethod method, string metric) =>
        Of(view, protocol, LanguageMethod.Lora, metric) is { } lora && Of(view, protocol, method, metric) is { } deep ? [.. deep.Gaps(lora)] : [];

    // The rate is chosen by the validation loss, whatever the metric.
    private static MethodOutcome? Of(LanguageView view, Protocol protocol, LanguageMethod method, string metric) =>
        new LanguageScores(view.Records, $"test_{metric}").Of(protocol, view.Scene.Tasks[0], method, view.Setup.Ranks[0], view.Setup.Rows[0]);

    private static ViolinPanel Violins(LanguageView view, Protocol protocol, LanguageMethod method) => new(
        $"{method.Form}, {LanguageView.Words(protocol)}",
        "score less LoRA's",
        [.. Metrics.Select(metric => (metric, method.Style, (IReadOnlyList<double>)Gaps(view, protocol, method, metric)))]);

    private static ReportTable Means(LanguageView view) => new(
        "Mean scores; for Deep LoRA the mean gap to LoRA and the variance of the gaps, as the paper prints them",
        ["protocol", "method", .. Metrics],
        [
            .. from protocol in LanguageView.Protocols
               from method in Methods
               where Of(view, protocol, method, Metrics[0]) is not null
               select (string[])
               [
                   protocol.ToString().ToLowerInvariant(), method.Label,
                   .. Metrics.Select(metric => Cell(Of(view, protocol, method, metric)!.Summary.Mean, Gaps(view, protocol, method, metric), method)),
               ],
        ],
        LeftAligned: 2);

    private static string Cell(double mean, List<double> gaps, LanguageMethod method)
    {
        if (method == LanguageMethod.Lora || gaps.Count == 0)
        {
            return mean.ToString("0.0000", CultureInfo.InvariantCulture);
        }

        var (gap, count) = (gaps.Average(), Math.Max(1, gaps.Count - 1));
        var variance = gaps.Sum(one => (one - gap) * (one - gap)) / count;
        return string.Create(CultureInfo.InvariantCulture, $"{mean:0.0000} ({gap:+0.0000;-0.0000} ± {variance:0.0e+0})");
    }
}
