using System.Globalization;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Figure 8: scores by the rank, with 16 labelled rows.</summary>
internal sealed class RankSweep : LanguageTarget
{
    private const int Seeds = 5;

    // By rank: LoRA and narrow Deep LoRA.
    private static readonly Dictionary<int, (PaperScore? Lora, PaperScore? Deep)> Paper = new()
    {
        [2] = (new(0.59028, 0.04624, Seeds), new(0.58976, 0.03423, Seeds)),
        [4] = (new(0.56801, 0.07300, Seeds), new(0.64213, 0.05760, Seeds)),
        [8] = (new(0.53897, 0.04298, Seeds), new(0.63504, 0.07337, Seeds)),
        [16] = (new(0.52392, 0.09270, Seeds), new(0.65190, 0.07022, Seeds)),
        [32] = (new(0.45602, 0.10748, Seeds), new(0.65962, 0.06819, Seeds)),
        [64] = (new(0.17534, 0.10286, Seeds), new(0.66655, 0.05923, Seeds)),
    };

    public override string Id => "fig8";

    public override string Place => "Figure 8";

    public override string Shows => "The rank is taken too large: the score of LoRA and of Deep LoRA by the rank.";

    protected override (double Paper, double Fair) QuickLosses => (4.423, 2.554);

    protected override LanguageSetup Full => new() { Steps = 200, Rows = [16], Ranks = [1, 2, 4, 8, 16, 32, 64], PaperSeeds = Seeds, FairSeeds = 6 };

    protected override LanguageSetup BuiltIn => Full with { Ranks = [2, 8, 64], PaperSeeds = 6, RateMultiples = [0.25, 1, 4, 16] };

    protected override LanguageSetup Quick => LanguageSetup.Tiny with { Ranks = [2, 4] };

    protected override IReadOnlyList<LanguageMethod> MethodsOf(Protocol protocol) => protocol == Protocol.Paper
        ? [LanguageMethod.Lora, LanguageMethod.Narrow]
        : [LanguageMethod.Lora, LanguageMethod.Narrow, LanguageMethod.Compressed];

    protected override TargetOutcome Judge(LanguageView view)
    {
        var methods = MethodsOf(Protocol.Fair);
        var (table, task, rows) = (new ProtocolTable(view, methods), view.Scene.Tasks[0], view.Setup.Rows[0]);
        var findings =
            from protocol in LanguageView.Protocols
            from rank in view.Setup.Ranks
            let paper = Paper.GetValueOrDefault(rank)
            from finding in LanguageFindings.Pair(view, protocol, task, LanguageMethod.Narrow, rank, rows, (paper.Lora, paper.Deep, null))
            select finding;
        return new(
            [.. findings, .. Spreads(view, task, rows)],
            new([.. ScorePanels.Of(view, methods, "rank", [.. view.Setup.Ranks.Select(rank => ((double)rank, rank, rows))])], 2),
            string.Create(CultureInfo.InvariantCulture, $"The score by the rank, {rows} labelled rows, {view.Setup.Steps} steps. Lines are means over the ")
                + "seeds, bands 95 % confidence intervals. Left: the paper's protocol. Right: each method at its best learning rate by validation rows.",
            [table.Table()],
            [
                .. table.Remarks(),
                "The paper's LoRA starts with unit deviation on the output side and no alpha over rank: its effective step grows with the rank.",
                "The paper plots ranks 8 to 64; 2 and 4 are in its raw results, and at 2 the methods tie.",
            ]);
    }

    private static IEnumerable<Finding> Spreads(LanguageView view, LanguageTask task, int? rows) =>
        from protocol in LanguageView.Protocols
        from method in new[] { LanguageMethod.Lora, LanguageMethod.Narrow }
        let means = view.Setup.Ranks.Select(rank => view.Scores.Of(protocol, task, method, rank, rows)?.Summary.Mean).OfType<double>().ToList()
        select new Finding(
            $"{LanguageView.Words(protocol)}: best less worst mean over the ranks, {method.Label}",
            means.Count == view.Setup.Ranks.Count ? means.Max() - means.Min() : double.NaN,
            null);
}
