using System.Globalization;
using LowRank.Experiments.Reports;
using LowRank.Experiments.Reports.Figures;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Figure 7: how many layers' updates have which rank.</summary>
internal sealed class RankHistogram : LanguageTarget
{
    private const int Cap = 8;
    private const int NumPy = 0;
    private const int PaperRule = 1;
    private const int AbovePercent = 2;
    private const int Entropy = 3;
    private static readonly LanguageMethod[] Methods = [LanguageMethod.Lora, LanguageMethod.Wide, LanguageMethod.Compressed];

    public override string Id => "fig7";

    public override string Place => "Figure 7";

    public override string Shows => "The ranks of the learned updates, by the paper's rule of counting and by one that is the same for both methods.";

    protected override (double Paper, double Fair) QuickLosses => (4.423, 2.554);

    protected override LanguageSetup Full => new() { Steps = 500, Rows = [256], PaperSeeds = 1, FairSeeds = 1, RateMultiples = [1] };

    protected override LanguageSetup BuiltIn => Full with { Steps = 200 };

    protected override LanguageSetup Quick => LanguageSetup.Tiny;

    protected override IReadOnlyList<LanguageMethod> MethodsOf(Protocol protocol) => Methods;

    protected override LanguageRun Adjust(LanguageRun run) => run with { Watch = adapters => new SpectrumWatch(adapters) };

    protected override TargetOutcome Judge(LanguageView view)
    {
        var findings =
            from protocol in LanguageView.Protocols
            from method in Methods
            from finding in Shares(view, protocol, method)
            select finding;
        return new(
            [.. findings],
            new([.. LanguageView.Protocols.Where(protocol => Runs(view, protocol, LanguageMethod.Lora).Count > 0).SelectMany(protocol => new[]
            {
                Histogram(view, protocol, "the paper's rule", (row, method) => method == LanguageMethod.Lora ? row[NumPy] : Math.Min(Cap, row[PaperRule])),
                Histogram(view, protocol, "the same rule for all", (row, _) => row[AbovePercent]),
            })], 2),
            string.Create(CultureInfo.InvariantCulture, $"Ranks of the layers' updates after {view.Setup.Steps} steps on {view.Setup.Rows[0]} rows, all seeds together. ")
                + "Left: as the paper counts, with NumPy's tolerance, and for Deep LoRA alone 0 below a spectral norm of 0.001 and 8 at most. "
                + "Right: singular values above 1 % of the largest, for every method. Above: the paper's protocol; below: the fair one.",
            [Ranks(view)],
            [
                "The paper's rule zeroes and caps the ranks of one method only; the rule of 1 % treats all alike.",
                "The paper's picture has bars of unequal width for one method (its plotting library's default); here all have one width.",
            ]);
    }

    private static IEnumerable<Finding> Shares(LanguageView view, Protocol protocol, LanguageMethod method)
    {
        var paper = method == LanguageMethod.Lora ? (Zero: 0, Full: 1) : (Zero: 40 / 74.0, Full: 2 / 74.0);
        var known = protocol == Protocol.Paper && method != LanguageMethod.Compressed;
        var name = $"{LanguageView.Words(protocol)}, {method.Label}";
        double Rank(IReadOnlyList<double> row) => method == LanguageMethod.Lora ? row[NumPy] : Math.Min(Cap, row[PaperRule]);
        yield return Over($"{name}: share of layers of rank 0 by the paper's rule", rows => rows.Average(row => Rank(row) == 0 ? 1 : 0), known ? paper.Zero : null);
        yield return Over($"{name}: share of layers of rank 8 by the paper's rule", rows => rows.Average(row => Rank(row) >= Cap ? 1 : 0), known ? paper.Full : null);
        yield return Over($"{name}: mean rank by the rule of 1 %", rows => rows.Average(row => row[AbovePercent]), null);
        yield return Over($"{name}: mean effective rank, by entropy", rows => rows.Average(row => row[Entropy]), null);

        Finding Over(string text, Func<IReadOnlyList<IReadOnlyList<double>>, double> number, double? expected) => Finding.Of(
            text,
            Runs(view, protocol, method).Select(run => number(run.Series("ranks"))),
            expected is { } value ? view.Expect(protocol, new(value, 0.1, 2)) : null);
    }

    private static IReadOnlyList<CellRecord> Runs(LanguageView view, Protocol protocol, LanguageMethod method) =>
        view.Scores.Of(protocol, view.Scene.Tasks[0], method, view.Setup.Ranks[0], view.Setup.Rows[0])?.Runs ?? [];

    private static BarPanel Histogram(
        LanguageView view, Protocol protocol, string rule, Func<IReadOnlyList<double>, LanguageMethod, double> rank)
    {
        var counts = Methods.Select(method => (method, Ranks: Runs(view, protocol, method)
            .SelectMany(run => run.Series("ranks")).Select(row => (int)rank(row, method)).ToList())).ToList();
        var most = Math.Max(Cap, Math.Min(2 * Cap, counts.SelectMany(one => one.Ranks).DefaultIfEmpty(0).Max()));
        return new(
            $"{LanguageView.Words(protocol)}, {rule}",
            "rank of a layer's update",
            "layers, all seeds",
            [.. Enumerable.Range(0, most + 1).Select(at => at < most ? Text(at) : $"{Text(at)}+")],
            [
                .. counts.Select(one => (one.method.Label, one.method.Style, (IReadOnlyList<double>)
                    [.. Enumerable.Range(0, most + 1).Select(at => (double)one.Ranks.Count(found => Math.Min(found, most) == at))])),
            ]);
    }

    private static ReportTable Ranks(LanguageView view) => new(
        "Layers by their rank, all seeds together: by the paper's rule / above 1 % of the largest singular value",
        ["protocol", "method", .. Enumerable.Range(0, Cap).Select(Text), $"{Text(Cap)} or more"],
        [
            .. from protocol in LanguageView.Protocols
               from method in Methods
               let rows = Runs(view, protocol, method).SelectMany(run => run.Series("ranks")).ToList()
               where rows.Count > 0
               select (string[])
               [
                   protocol.ToString().ToLowerInvariant(), method.Label,
                   .. Enumerable.Range(0, Cap + 1).Select(at =>
                       $"{Text(rows.Count(row => Math.Min(Cap, method == LanguageMethod.Lora ? row[NumPy] : row[PaperRule]) == at))} / "
                       + Text(rows.Count(row => Math.Min(Cap, row[AbovePercent]) == at))),
               ],
        ],
        LeftAligned: 2);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
