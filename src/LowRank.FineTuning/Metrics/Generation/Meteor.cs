namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>METEOR as NLTK computes it: equal words, then equal Porter stems, then synonyms; alpha 0.9, beta 3, gamma 0.5.
/// </summary>
/// <remarks>
/// Banerjee and Lavie 2005. Words are NLTK's, lower-cased. As there, synonyms are looked up for stems: "larg" has none.
/// Of several references the best counts; a corpus has the mean of its rows.
/// </remarks>
public static class Meteor
{
    private const double Alpha = 0.9;
    private const double Beta = 3;
    private const double Gamma = 0.5;

    /// <summary>The score of a corpus.</summary>
    /// <param name="predictions">The predicted texts.</param>
    /// <param name="references">The references of each prediction, at least one.</param>
    /// <param name="synonyms">The synonyms; null matches words and stems alone.</param>
    /// <returns>The score, 0 to 1.</returns>
    /// <exception cref="ArgumentException">No rows, or a row without reference.</exception>
    public static double Of(
        IReadOnlyList<string> predictions, IReadOnlyList<IReadOnlyList<string>> references, WordNet? synonyms = null)
    {
        Texts.Check(predictions, references);
        return predictions.Select((text, row) => references[row].Max(other => OfOne(text, other, synonyms))).Average();
    }

    /// <summary>The score of one prediction.</summary>
    /// <param name="prediction">The predicted text.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="synonyms">The synonyms; null matches words and stems alone.</param>
    /// <returns>The score, 0 to 1.</returns>
    public static double OfOne(string prediction, string reference, WordNet? synonyms = null)
    {
        var own = Words(prediction);
        var others = Words(reference);
        var (ownCount, otherCount) = (own.Count, others.Count);
        var matches = Match(own, others, string.Equals);
        (own, others) = (Stems(own), Stems(others));
        matches.AddRange(Match(own, others, string.Equals));
        if (synonyms is not null)
        {
            matches.AddRange(Match(own, others, (mine, other) => synonyms.Of(mine).Contains(other)));
        }

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

    private static List<(int Place, string Word)> Stems(List<(int Place, string Word)> words) =>
        words.ConvertAll(entry => (entry.Place, PorterStemmer.Stem(entry.Word)));

    // From the end, each word takes the last that is left of its like; both are taken off the lists.
    private static List<(int Own, int Other)> Match(
        List<(int Place, string Word)> own, List<(int Place, string Word)> others, Func<string, string, bool> areAlike)
    {
        var matches = new List<(int, int)>();
        for (var i = own.Count - 1; i >= 0; i--)
        {
            var at = others.FindLastIndex(other => areAlike(own[i].Word, other.Word));
            if (at >= 0)
            {
                matches.Add((own[i].Place, others[at].Place));
                own.RemoveAt(i);
                others.RemoveAt(at);
            }
        }

        return matches;
    }
}
