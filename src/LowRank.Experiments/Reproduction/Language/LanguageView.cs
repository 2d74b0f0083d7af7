namespace LowRank.Experiments.Reproduction.Language;

/// <summary>The runs of a language target, and what they were made with.</summary>
/// <param name="Scene">Model and tasks.</param>
/// <param name="Setup">Steps, rows, ranks.</param>
/// <param name="Records">The runs.</param>
internal sealed record LanguageView(LanguageScene Scene, LanguageSetup Setup, IReadOnlyList<CellRecord> Records)
{
    /// <summary>Both protocols, in the order of tables and pictures.</summary>
    public static IReadOnlyList<Protocol> Protocols { get; } = [Protocol.Paper, Protocol.Fair];

    /// <summary>The runs by what they are.</summary>
    public LanguageScores Scores { get; } = new(Records);

    /// <summary>A protocol in words.</summary>
    public static string Words(Protocol protocol) => protocol == Protocol.Paper ? "the paper's protocol" : "the fair protocol";

    /// <summary>What a number is expected to be: the paper's band where model and task are the paper's, else the paper's number to look at.</summary>
    /// <param name="protocol">The protocol of the number.</param>
    /// <param name="paper">The paper's number; null for none.</param>
    public Expectation? Expect(Protocol protocol, PaperScore? paper) =>
        paper is null || Scene.Scale == ReproductionScale.Quick ? null
        : protocol == Protocol.Paper && Scene.IsThePapers ? paper.Band()
        : Expectation.Told(paper.Mean, protocol == Protocol.Paper
            ? "the paper's run, of another model and task: no band" : "the paper's run, under its own protocol: no band");
}
