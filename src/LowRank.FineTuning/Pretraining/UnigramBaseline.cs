namespace LowRank.FineTuning.Pretraining;

/// <summary>What guessing by frequency alone would score: the least that a model must beat.</summary>
/// <param name="Loss">The mean cross-entropy, in nats, of frequencies counted in the training text.</param>
/// <param name="Accuracy">How often the most frequent token is right.</param>
public sealed record UnigramBaseline(double Loss, double Accuracy)
{
    /// <summary>Counts and scores.</summary>
    /// <param name="training">The ids of the training text.</param>
    /// <param name="isOrdinary">By id: whether it is a piece of text; others are not guessed.</param>
    /// <param name="hidden">The ids that are to be guessed.</param>
    internal static UnigramBaseline Measure(IEnumerable<int> training, bool[] isOrdinary, IReadOnlyCollection<int> hidden)
    {
        // One more than seen: no token is impossible.
        var counts = Enumerable.Repeat(1L, isOrdinary.Length).ToArray();
        foreach (var id in training.Where(id => isOrdinary[id]))
        {
            counts[id]++;
        }

        double total = counts.Sum();
        var likeliest = Array.IndexOf(counts, counts.Max());
        return new(
            hidden.Average(id => -Math.Log(counts[id] / total)),
            hidden.Average(id => id == likeliest ? 1.0 : 0));
    }
}
