using LowRank.Experiments.Statistics;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>What a method came to over its seeds, at the learning rate it is judged by.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Rates">How many there were to choose from.</param>
/// <param name="AtAnEnd">Whether the chosen one is the least or the greatest of several.</param>
/// <param name="Runs">Its runs, by seed.</param>
/// <param name="Scores">Their scores, by seed; a run without a usable one counts as the worst.</param>
internal sealed record MethodOutcome(
    double Rate, int Rates, bool AtAnEnd, IReadOnlyList<CellRecord> Runs, IReadOnlyList<(int Seed, double Score)> Scores)
{
    /// <summary>Mean and spread.</summary>
    public ScoreSummary Summary => ScoreSummary.Of([.. Scores.Select(pair => pair.Score)]);

    /// <summary>This method against another on the seeds that both have; null without such seeds.</summary>
    public PairedDifference? Against(MethodOutcome other)
    {
        var pairs = Scores.Join(other.Scores, pair => pair.Seed, pair => pair.Seed, (mine, theirs) => (Mine: mine.Score, Theirs: theirs.Score)).ToList();
        return pairs.Count == 0 ? null : PairedDifference.Of([.. pairs.Select(pair => pair.Mine)], [.. pairs.Select(pair => pair.Theirs)]);
    }

    /// <summary>The differences to another method, seed by seed.</summary>
    public IEnumerable<double> Gaps(MethodOutcome other) =>
        Scores.Join(other.Scores, pair => pair.Seed, pair => pair.Seed, (mine, theirs) => mine.Score - theirs.Score);
}
