using LowRank.Experiments.Comparisons;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Samples;
using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>A task of the sample world, of GLUE, or E2E: its rows and its score.</summary>
internal sealed class LanguageTask
{
    private const int ValidationRows = 256;
    private static readonly Seed Fixed = Seed.From(0).For("reproduce");
    private readonly Lazy<Rows> _rows;
    private Rows? _fitting;

    private LanguageTask(string name, Metric score, Func<Rows> read)
    {
        (Name, Score) = (name, score);
        _rows = new(read);
    }

    /// <summary>The sample world's tasks that labels or numbers belong to, and the one that texts belong to.</summary>
    public static IReadOnlyList<string> SampleNames { get; } = ["similarity", "intent", "entailment", Facts];

    /// <summary>The sample world's task in the manner of E2E.</summary>
    public const string Facts = "facts";

    public string Name { get; }

    /// <summary>The score that is compared.</summary>
    public Metric Score { get; }

    public bool WritesTexts => Name is Facts or "e2e";

    /// <summary>A task by its name.</summary>
    /// <param name="name">A name of the sample world, of GLUE, or <c>e2e</c>.</param>
    /// <param name="files">The files of a task that is not of the sample world.</param>
    /// <param name="scale">A quick reproduction has fewer sample rows.</param>
    /// <exception cref="ArgumentException">There is no such task, or its files are not named.</exception>
    public static LanguageTask Find(string name, IReadOnlyDictionary<string, TaskFiles> files, ReproductionScale scale)
    {
        if (SampleNames.Contains(name))
        {
            return new(name, name == "similarity" ? Metric.Pearson : name == Facts ? Metric.Bleu : Metric.Accuracy, () => Sample(name, scale));
        }

        var task = GlueTask.All.FirstOrDefault(task => task.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"task: got '{name}'; wanted any of {string.Join(", ", SampleNames.Concat(GlueTask.All.Select(task => task.Name)))}.", nameof(name));
        return new(task.Name, task == GlueTask.E2e ? Metric.Bleu : task.Metrics[0], () => Read(task, files));
    }

    /// <summary>The rows of a run.</summary>
    /// <param name="protocol">How they are drawn.</param>
    /// <param name="rows">How many to learn from; null for all.</param>
    /// <param name="seed">Decides which; the same for every method.</param>
    /// <param name="encoder">The model's encoder.</param>
    /// <param name="maxLength">The most tokens of a row that the paper's protocol keeps.</param>
    public (ExampleSet Training, ExampleSet Validation, ExampleSet Test) Draw(
        Protocol protocol, int? rows, long seed, TextEncoder encoder, int maxLength)
    {
        var from = Seed.From(seed).For("rows");
        if (protocol == Protocol.Paper)
        {
            _fitting ??= _rows.Value.Within(encoder, maxLength, WritesTexts);
            var drawn = rows is { } count ? _fitting.Pool.Sample(count, from, withReplacement: true) : _fitting.Pool;
            return (drawn, _fitting.Test, _fitting.Test);
        }

        var (pool, validation, test) = _rows.Value;
        if (validation is null)
        {
            (pool, validation) = pool.Split(Math.Min(0.5, (double)ValidationRows / pool.Count), from);
        }

        return (rows is null ? pool : WritesTexts ? pool.Sample(rows.Value, from) : ComparisonRows.Draw(pool, rows.Value, from), validation, test);
    }

    /// <summary>Any rows: the kind of label that a model must have an output for.</summary>
    public ExampleSet Any => _rows.Value.Test;

    private static Rows Sample(string name, ReproductionScale scale)
    {
        var (train, few, test) = scale == ReproductionScale.Full ? (2000, ValidationRows, 500) : (64, 16, 32);
        return new(
            Sample(name, SampleSplit.Training, train), Sample(name, SampleSplit.Validation, few), Sample(name, SampleSplit.Test, test));
    }

    private static ExampleSet Sample(string name, SampleSplit split, int rows)
    {
        var seed = Fixed.For(split.ToString());
        return name switch
        {
            "similarity" => SampleWorld.Similarity(split, rows, seed),
            "intent" => SampleWorld.Intents(split, rows, seed),
            "entailment" => SampleWorld.Entailment(split, rows, seed),
            _ => ExampleSet.Of(
                [.. SampleWorld.Facts(split, rows, seed).Select(row => new Example(row.Source) { TargetText = row.Target })]),
        };
    }

    private static Rows Read(GlueTask task, IReadOnlyDictionary<string, TaskFiles> files)
    {
        var found = files.GetValueOrDefault(task.Name)
            ?? throw new ArgumentException($"task: got '{task.Name}' without its files; name their folder.", nameof(files));
        var reading = new ExampleReaderOptions { Task = task };
        return new(ExampleReader.Read(found.Training, reading), null, ExampleReader.Read(found.Validation, reading));
    }

    private sealed record Rows(ExampleSet Pool, ExampleSet? Validation, ExampleSet Test)
    {
        // The paper scored each text by one reference.
        public Rows Within(TextEncoder encoder, int limit, bool oneReference)
        {
            var test = Test.KeepWithin(encoder, limit);
            return new(
                Pool.KeepWithin(encoder, limit),
                null,
                oneReference ? ExampleSet.Of([.. test.Examples.DistinctBy(row => row.Text)]) : test);
        }
    }
}
