namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>METEOR as NLTK computes it, with exact words and Porter stems: alpha 0.9, beta 3, gamma 0.5.</summary>
/// <remarks>
/// Banerjee and Lavie 2005. Synonyms from WordNet are not matched. Words are NLTK's, lower-cased. Of several references
/// the best counts; a corpus has the mean of its rows.
/// </remarks>
public static class Meteor
{
    private const double Alpha = 0.9;
    private const double Beta = 3;
    private const double Gamma = 0.5;

    /// <summary>The score of a corpus.</summary>
    /// <param name="predictions">The predicted texts.</param>
    /// <param name="references">The references of each prediction, at least one.</param>
    /// <returns>The score, 0 to 1.</returns>
    /// <exception cref="ArgumentException">No rows, or a row without reference.</exception>
    public static double Of(IReadOnlyList<string> predictions, IReadOnlyList<IReadOnlyList<string>> references)
    {
        Texts.Check(predictions, references);
        return predictions.Select((text, row) => references[row].Max(reference => Of(text, reference))).Average();
    }

    /// <summary>The score of one prediction.</summary>
    /// <param name="prediction">The predicted text.</param>
    /// <param name="reference">The reference.</param>
    /// <returns>The score, 0 to 1.</returns>
    public static double Of(string prediction, string reference)
    {
        var own = Words(prediction);
        var others = Words(reference);
        var (ownCount, otherCount) = (own.Count, others.Count);
        List<(int Own, int Other)> matches = [.. Match(own, others, word => word)];
        matches.AddRange(Match(own, others, PorterStemmer.Stem));
        if (matches.Count == 0)
        {
            return 0;
        }

        matches.Sort();
        double precision = matches.Count / (double)ownCount, recall = matches.Count / (double)otherCount;
        var mean = precision * recall / ((Alpha * precision) + ((1 - Alpha) * recall));
        var chunks = 1 + matches.Zip(matches.Skip(1)).Count(pair =>
            pair.Second.Own != pair.First.Own + 1 || pair.Second.Other != pair.First.Other + 1);
        return (1 - (Gamma * Math.Pow(chunks / (double)matches.Count, Beta))) * mean;
    }

    private static List<(int Place, string Word)> Words(string text) =>
        [.. TreebankWords.Of(Tensors.Check.NotNull(text)).Select((word, place) => (place, word.ToLowerInvariant()))];

    // From the end, each word takes the last that is left of its like; both are taken off the lists.
    private static IEnumerable<(int Own, int Other)> Match(
        List<(int Place, string Word)> own, List<(int Place, string Word)> others, Func<string, string> form)
    {
        var forms = others.ConvertAll(other => form(other.Word));
        for (var i = own.Count - 1; i >= 0; i--)
        {
            var at = forms.LastIndexOf(form(own[i].Word));
            if (at >= 0)
            {
                yield return (own[i].Place, others[at].Place);
                own.RemoveAt(i);
                others.RemoveAt(at);
                forms.RemoveAt(at);
            }
        }
    }
}
