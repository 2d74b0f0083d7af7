namespace LowRank.FineTuning.Samples;

/// <summary>A sentence and what it says.</summary>
/// <param name="Text">The sentence.</param>
/// <param name="Kind">The kind of event or request, such as <c>lost</c> or <c>reserve</c>.</param>
/// <param name="Facts">The facts that the sentence mentions, in the order of its words.</param>
public sealed record SampleSentence(string Text, string Kind, IReadOnlyList<SampleFact> Facts)
{
    /// <summary>How much two sentences say the same: shared facts over those of the longer one, times five.</summary>
    /// <remarks>The kind of event counts as a fact. Words do not count at all.</remarks>
    /// <param name="other">The other sentence.</param>
    /// <returns>From 0, nothing in common, to 5, the same.</returns>
    public double SimilarityTo(SampleSentence other)
    {
        Tensors.Check.NotNull(other);
        var shared = (Kind == other.Kind ? 1 : 0) + Facts.Intersect(other.Facts).Count();
        return 5.0 * shared / (1 + Math.Max(Facts.Count, other.Facts.Count));
    }
}
