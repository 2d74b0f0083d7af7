namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Figure 6: scores by the number of labelled rows.</summary>
internal sealed class FewShotSimilarity : LanguageTarget
{
    // By rows: LoRA and Deep LoRA at full width, 20 seeds.
    private static readonly Dictionary<int, (PaperScore Lora, PaperScore Deep, PaperScore Gap)> Paper = new()
    {
        [16] = (new(0.52875, 0.12157, 20), new(0.59749, 0.10303, 20), new(0.0687, 0.0747, 20)),
        [64] = (new(0.73524, 0.03678, 20), new(0.75085, 0.03472, 20), new(0.0156, 0.0209, 20)),
        [256] = (new(0.81380, 0.01211, 20), new(0.82795, 0.00689, 20), new(0.0142, 0.0098, 20)),
    };

    public override string Id => "fig6";

    public override string Place => "Figure 6";

    public override string Shows => "Few labelled rows: the score of LoRA and of the forms of Deep LoRA by their number.";

    protected override (double Paper, double Fair) QuickLosses => (4.423, 2.554);

    protected override LanguageSetup Full => new() { Steps = 500, Rows = [16, 64, 256], PaperSeeds = 20, FairSeeds = 20 };

    protected override LanguageSetup BuiltIn => Full with { Steps = 200, PaperSeeds = 6, FairSeeds = 6, RateMultiples = [0.25, 1, 4, 16] };

    protected override LanguageSetup Quick => LanguageSetup.Tiny;

    protected override TargetOutcome Judge(LanguageView view)
    {
        var table = new ProtocolTable(view, LanguageMethod.All);
        var findings =
            from protocol in LanguageView.Protocols
            from rows in view.Setup.Rows
            let paper = Paper.GetValueOrDefault(rows!.Value)
            from finding in LanguageFindings.Pair(
                view, protocol, view.Scene.Tasks[0], LanguageMethod.Wide, view.Setup.Ranks[0], rows, paper)
            select finding;
        return new(
            [.. findings],
            new([.. ScorePanels.Of(view, LanguageMethod.All, "labelled rows", [.. view.Setup.Rows.Select(rows => ((double)rows!, view.Setup.Ranks[0], rows))])], 2),
            $"The score by the number of labelled rows, {view.Setup.Steps} steps, rank {view.Setup.Ranks[0]}. Lines are means over the seeds, bands 95 % "
                + "confidence intervals. Left: the paper's protocol, one learning rate. Right: each method at its best learning rate by validation rows.",
            [table.Table()],
            [.. table.Remarks(), "The paper's runs behind this figure are of full width, whatever its text says; the other forms are added here."]);
    }
}
