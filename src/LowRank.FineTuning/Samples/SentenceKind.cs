using LowRank.Tensors;

namespace LowRank.FineTuning.Samples;

/// <summary>A kind of event or request: the patterns that tell it, shared out among the splits.</summary>
internal sealed class SentenceKind
{
    private const double TrainingShare = 0.6;
    private const double ValidationShare = 0.15;

    private readonly Dictionary<SampleSplit, IReadOnlyList<SentencePattern>> _patterns;

    public SentenceKind(string name, IReadOnlyList<SentencePattern> patterns)
    {
        Name = name;
        All = patterns;
        Roles = [.. patterns.SelectMany(pattern => pattern.Roles).Distinct()];
        var order = patterns.ToArray();
        new Seed(0).For($"patterns/{name}").Random().Shuffle(order);
        var learned = (int)Math.Round(TrainingShare * order.Length);
        var chosen = (int)Math.Round(ValidationShare * order.Length);
        _patterns = new()
        {
            [SampleSplit.Training] = order[..learned],
            [SampleSplit.Validation] = order[learned..(learned + chosen)],
            [SampleSplit.Test] = order[(learned + chosen)..],
        };
    }

    public string Name { get; }

    /// <summary>The patterns of all splits.</summary>
    public IReadOnlyList<SentencePattern> All { get; }

    /// <summary>Every role that one of the patterns mentions.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>A split's patterns, the same whatever seed data are drawn with; all of them when null.</summary>
    public IReadOnlyList<SentencePattern> In(SampleSplit? split) => split is { } part ? _patterns[part] : All;
}
