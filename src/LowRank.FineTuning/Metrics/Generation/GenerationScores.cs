namespace LowRank.FineTuning.Metrics.Generation;

/// <summary>The scores of generated texts, each by its reference implementation's definition; all 0 to 1.</summary>
public sealed record GenerationScores : EvaluationScores
{
    private const StringComparison Exactly = StringComparison.Ordinal;

    /// <summary>Corpus BLEU as <c>evaluate</c> computes it.</summary>
    public required double Bleu { get; init; }

    /// <summary>Corpus BLEU as sacreBLEU computes it, over 100.</summary>
    public required double SacreBleu { get; init; }

    /// <summary>ROUGE-1, F.</summary>
    public required double Rouge1 { get; init; }

    /// <summary>ROUGE-2, F.</summary>
    public required double Rouge2 { get; init; }

    /// <summary>ROUGE-L, F.</summary>
    public required double RougeL { get; init; }

    /// <summary>ROUGE-Lsum, F; a line is a sentence.</summary>
    public required double RougeLsum { get; init; }

    /// <summary>METEOR with equal words and stems, and synonyms where they were given.</summary>
    public required double Meteor { get; init; }

    /// <summary>chrF2, over 100.</summary>
    public required double ChrF { get; init; }

    /// <summary>Different words per word of all predictions (Li et al. 2016).</summary>
    public required double Distinct1 { get; init; }

    /// <summary>Different pairs of words per pair.</summary>
    public required double Distinct2 { get; init; }

    /// <summary>The share of predictions that are a reference, character by character.</summary>
    public required double ExactMatch { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Values => new Dictionary<string, double>(StringComparer.Ordinal)
    {
        [Metric.Bleu.Name] = Bleu,
        [Metric.SacreBleu.Name] = SacreBleu,
        [Metric.Rouge1.Name] = Rouge1,
        [Metric.Rouge2.Name] = Rouge2,
        [Metric.RougeL.Name] = RougeL,
        [Metric.RougeLsum.Name] = RougeLsum,
        [Metric.Meteor.Name] = Meteor,
        [Metric.ChrF.Name] = ChrF,
        [Metric.Distinct1.Name] = Distinct1,
        [Metric.Distinct2.Name] = Distinct2,
        [Metric.ExactMatch.Name] = ExactMatch,
    };

    /// <summary>Scores predictions.</summary>
    /// <param name="predictions">The predicted texts.</param>
    /// <param name="references">The references of each prediction, at least one.</param>
    /// <param name="stems">Whether ROUGE stems words.</param>
    /// <param name="synonyms">The synonyms that METEOR matches; null matches none.</param>
    /// <returns>The scores.</returns>
    /// <exception cref="ArgumentException">No rows, or a row without reference.</exception>
    public static GenerationScores Of(
        IReadOnlyList<string> predictions,
        IReadOnlyList<IReadOnlyList<string>> references,
        bool stems = false,
        WordNet? synonyms = null)
    {
        Texts.Check(predictions, references);
        double Mean(Func<string, string, OverlapScore> score) => Rouge.Mean(predictions, references, score);
        return new()
        {
            Count = predictions.Count,
            Bleu = Generation.Bleu.Of(predictions, references).Value,
            SacreBleu = Generation.Bleu.Sacre(predictions, references).Value,
            Rouge1 = Mean((text, reference) => Rouge.Runs(text, reference, 1, stems)),
            Rouge2 = Mean((text, reference) => Rouge.Runs(text, reference, 2, stems)),
            RougeL = Mean((text, reference) => Rouge.Longest(text, reference, stems)),
            RougeLsum = Mean((text, reference) => Rouge.LongestOfLines(text, reference, stems)),
            Meteor = Generation.Meteor.Of(predictions, references, synonyms),
            ChrF = Generation.ChrF.Of(predictions, references),
            Distinct1 = Distinct(predictions, 1),
            Distinct2 = Distinct(predictions, 2),
            ExactMatch = predictions
                .Select((text, row) => references[row].Any(reference => reference.Equals(text, Exactly)) ? 1.0 : 0)
                .Average(),
        };
    }

    // Different runs per run over all predictions; 0 where there is none.
    private static double Distinct(IReadOnlyList<string> predictions, int length)
    {
        var runs = predictions.Select(text => Texts.Runs(Texts.Words(text), length)).ToArray();
        var total = runs.Sum(counts => counts.Values.Sum());
        return total == 0 ? 0 : runs.SelectMany(counts => counts.Keys).Distinct().Count() / (double)total;
    }
}
