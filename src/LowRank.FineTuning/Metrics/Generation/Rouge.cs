using System.Text.RegularExpressions;

namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>ROUGE as the package <c>rouge_score</c> computes it for one prediction and reference.</summary>
/// <remarks>
/// Lin 2004. Texts are lower-cased and cut at everything but a to z and 0 to 9; stemming leaves words of up to three
/// letters alone. Of several references the one with the best F counts; a corpus has the mean of its rows' F, to which
/// the package's bootstrap comes close.
/// </remarks>
public static partial class Rouge
{
    /// <summary>ROUGE-N: shared runs of tokens.</summary>
    /// <param name="prediction">The predicted text.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="length">The tokens of a run, at least 1.</param>
    /// <param name="stems">Whether words are stemmed.</param>
    /// <returns>The score; 0 where either has no run.</returns>
    public static OverlapScore Runs(string prediction, string reference, int length, bool stems = false)
    {
        Tensors.Check.AtLeast(length, 1);
        var own = Texts.Runs(Tokens(prediction, stems), length);
        var other = Texts.Runs(Tokens(reference, stems), length);
        return OverlapScore.Of(Texts.Shared(own, other), own.Values.Sum(), other.Values.Sum());
    }

    /// <summary>ROUGE-L: the longest common subsequence of both texts.</summary>
    /// <param name="prediction">The predicted text.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="stems">Whether words are stemmed.</param>
    /// <returns>The score; 0 where either is empty.</returns>
    public static OverlapScore Longest(string prediction, string reference, bool stems = false)
    {
        var (own, other) = (Tokens(prediction, stems), Tokens(reference, stems));
        return OverlapScore.Of(Common(other, own).Count, own.Length, other.Length);
    }

    /// <summary>ROUGE-Lsum: for each sentence of the reference, all that it has in common with any of the prediction's.
    /// </summary>
    /// <param name="prediction">The predicted text, a sentence a line.</param>
    /// <param name="reference">The reference, a sentence a line.</param>
    /// <param name="stems">Whether words are stemmed.</param>
    /// <returns>The score; 0 where either is empty.</returns>
    public static OverlapScore LongestOfLines(string prediction, string reference, bool stems = false)
    {
        var own = Lines(prediction, stems);
        var others = Lines(reference, stems);
        var left = Texts.Runs([.. own.SelectMany(line => line)], 1);
        var leftOfOthers = Texts.Runs([.. others.SelectMany(line => line)], 1);
        var (predicted, wanted) = (left.Values.Sum(), leftOfOthers.Values.Sum());
        var shared = 0;
        foreach (var line in others)
        {
            // A token counts once for each time that it is in both texts.
            foreach (var at in own.SelectMany(mine => Common(line, mine)).Distinct().Order())
            {
                if (left.GetValueOrDefault(line[at]) > 0 && leftOfOthers[line[at]] > 0)
                {
                    shared++;
                    left[line[at]]--;
                    leftOfOthers[line[at]]--;
                }
            }
        }

        return OverlapScore.Of(shared, predicted, wanted);
    }

    /// <summary>The mean over a corpus of the best F among each row's references.</summary>
    internal static double Mean(
        IReadOnlyList<string> predictions,
        IReadOnlyList<IReadOnlyList<string>> references,
        Func<string, string, OverlapScore> score)
    {
        Texts.Check(predictions, references);
        return predictions.Select((text, row) => references[row].Max(reference => score(text, reference).F)).Average();
    }

    private static string[] Tokens(string text, bool stems)
    {
        var words = Texts.Words(Other().Replace(Tensors.Check.NotNull(text).ToLowerInvariant(), " "));
        return stems ? Array.ConvertAll(words, word => word.Length > 3 ? PorterStemmer.Stem(word) : word) : words;
    }

    private static string[][] Lines(string text, bool stems) =>
        [.. Tensors.Check.NotNull(text).Split('\n').Select(line => Tokens(line, stems))];

    // The reference's places in a longest common subsequence; among equals, the one that the package takes.
    private static List<int> Common(string[] reference, string[] prediction)
    {
        var lengths = new int[reference.Length + 1, prediction.Length + 1];
        for (var i = 1; i <= reference.Length; i++)
        {
            for (var j = 1; j <= prediction.Length; j++)
            {
                lengths[i, j] = reference[i - 1] == prediction[j - 1]
                    ? lengths[i - 1, j - 1] + 1
                    : Math.Max(lengths[i - 1, j], lengths[i, j - 1]);
            }
        }

        var places = new List<int>();
        for (var (i, j) = (reference.Length, prediction.Length); i > 0 && j > 0;)
        {
            if (reference[i - 1] == prediction[j - 1])
            {
                places.Add(i - 1);
                (i, j) = (i - 1, j - 1);
            }
            else if (lengths[i, j - 1] > lengths[i - 1, j])
            {
                j--;
            }
            else
            {
                i--;
            }
        }

        return places;
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();
}
