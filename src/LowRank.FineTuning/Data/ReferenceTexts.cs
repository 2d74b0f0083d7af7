using LowRank.Tensors;

namespace LowRank.FineTuning.Data;

/// <summary>The different sources among rows, each with the target texts of all its rows: its references.</summary>
/// <param name="Sources">The sources, in the order of their first rows.</param>
/// <param name="References">The references of each.</param>
public sealed record ReferenceTexts(IReadOnlyList<string> Sources, IReadOnlyList<IReadOnlyList<string>> References)
{
    /// <summary>Gathers rows by their source.</summary>
    /// <param name="examples">Rows with target texts.</param>
    /// <returns>The sources and their references.</returns>
    public static ReferenceTexts Of(IReadOnlyList<Example> examples)
    {
        var groups = Check.NotNull(examples).GroupBy(example => example.Text, StringComparer.Ordinal).ToList();
        return new(
            [.. groups.Select(group => group.Key)],
            [.. groups.Select(group => (string[])[.. group.Select(example => example.TargetText ?? "")])]);
    }
}
