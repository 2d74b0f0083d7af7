namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Findings that several language targets have.</summary>
internal static class LanguageFindings
{
    /// <summary>LoRA's score, a form of Deep LoRA's, and the difference seed by seed.</summary>
    /// <param name="view">The runs.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="task">The task.</param>
    /// <param name="method">The form.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="paper">The paper's three numbers; nulls for none.</param>
    public static IEnumerable<Finding> Pair(
        LanguageView view, Protocol protocol, LanguageTask task, LanguageMethod method, int rank, int? rows,
        (PaperScore? Lora, PaperScore? Deep, PaperScore? Gap) paper)
    {
        var name = $"{LanguageView.Words(protocol)}, {task.Name}, {(rows is null ? "all" : rows)} rows{(method.HasRank ? $", rank {rank}" : "")}";
        var (lora, deep) = (view.Scores.Of(protocol, task, LanguageMethod.Lora, rank, rows), view.Scores.Of(protocol, task, method, rank, rows));
        yield return Score(LanguageMethod.Lora, lora, paper.Lora);
        yield return Score(method, deep, paper.Deep);
        yield return Finding.Of(
            $"{name}: {method.Label} less LoRA", lora is null || deep is null ? [] : deep.Gaps(lora), view.Expect(protocol, paper.Gap));

        Finding Score(LanguageMethod one, MethodOutcome? outcome, PaperScore? expected) => Finding.Of(
            $"{name}: {one.Label}", outcome?.Scores.Select(pair => pair.Score) ?? [], view.Expect(protocol, expected));
    }
}
