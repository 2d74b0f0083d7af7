using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using LowRank.FineTuning.Data;
using LowRank.Tensors;

namespace LowRank.Experiments.Comparisons;

/// <summary>The rows of a comparison, read once: those to draw from, and those that judge.</summary>
internal sealed class ComparisonRows
{
    private const int MostOfTheTrainingFile = 256;
    private readonly ExampleSet _pool;
    private readonly ExampleSet? _validation;

    private ComparisonRows(ExampleSet pool, ExampleSet? validation, ExampleSet test, int validationRows)
    {
        (_pool, _validation, Test, ValidationRows) = (pool, validation, test, validationRows);
        TrainingRows = validation is null ? pool.Count - validationRows : pool.Count;
    }

    /// <summary>The rows that the methods are compared by; they choose nothing.</summary>
    public ExampleSet Test { get; }

    /// <summary>The rows of each run that choose its step, and with the other seeds' its learning rate.</summary>
    public int ValidationRows { get; }

    /// <summary>The rows that training rows are drawn from.</summary>
    public int TrainingRows { get; }

    /// <summary>Test rows whose text is among the rows to learn from too.</summary>
    public int SeenTestRows
    {
        get
        {
            var seen = _pool.Examples.Select(TextOf).ToHashSet();
            return Test.Examples.Count(example => seen.Contains(TextOf(example)));
        }
    }

    /// <summary>Reads the files. The test rows are the same for all runs.</summary>
    public static ComparisonRows Read(ComparisonOptions options)
    {
        var (data, fixedSeed) = (options.Data, Seed.From(0).For("comparison"));
        var pool = ExampleReader.Read(data.TrainingFile, data.ReaderOptions());
        var reading = data.ReaderOptions(pool.Labels) with { Kind = pool.Kind };
        ExampleSet test;
        if (options.TestFile is { } file)
        {
            test = ExampleReader.Read(file, reading);
        }
        else
        {
            (pool, test) = pool.Split(options.TestShare, fixedSeed);
        }

        test = Draw(test, options.TestRows ?? test.Count, fixedSeed);
        if (data.ValidationFile is { } other)
        {
            var validation = ExampleReader.Read(other, reading);
            validation = Draw(validation, options.ValidationRows ?? validation.Count, fixedSeed.For("validation"));
            return new(pool, validation, test, validation.Count);
        }

        var share = (int)Math.Round(data.ValidationShare * pool.Count);
        var rows = Math.Clamp(share, 1, Math.Min(options.ValidationRows ?? MostOfTheTrainingFile, Math.Max(1, pool.Count - 1)));
        return new(pool, null, test, rows);
    }

    /// <summary>The rows of a run: the same for every method.</summary>
    /// <remarks>Validation rows come first, so that they do not depend on how many rows are learned from.</remarks>
    public (ExampleSet Training, ExampleSet Validation) For(int samples, long seed)
    {
        var from = Seed.From(seed);
        var (pool, validation) = _validation is null
            ? _pool.Split((double)ValidationRows / _pool.Count, from)
            : (_pool, _validation);
        return (
            pool.Kind == LabelKind.Texts ? pool.Sample(samples, from) : Draw(pool, samples, from.For("samples")), validation);
    }

    /// <summary>Refuses numbers of samples that there are not.</summary>
    public void RequireEnough(IReadOnlyList<int> samples)
    {
        foreach (var count in samples)
        {
            Check.That(
                count <= TrainingRows,
                nameof(samples),
                $"samples: got {count}; wanted at most {TrainingRows}, the rows of {_pool.Report.Source} to learn from"
                    + $"{(_validation is null ? $" beside {ValidationRows} for validation" : "")}.");
            For(count, 0).Training.CheckTrainable();
        }
    }

    /// <summary>A digest of all texts and targets.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> target = stackalloc byte[sizeof(double)];
        foreach (var example in _pool.Examples.Concat(_validation?.Examples ?? []).Concat(Test.Examples))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{example.Text}\0{example.TextPair}\0{example.TargetText}"));
            BinaryPrimitives.WriteDoubleLittleEndian(target, example.Target ?? double.NaN);
            hash.AppendData(target);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>Some rows, spread over the labels as the whole, so that no class of a few rows goes missing; sources keep their references.</summary>
    public static ExampleSet Draw(ExampleSet rows, int count, Seed seed) =>
        count >= rows.Count ? rows : rows.Split((double)count / rows.Count, seed).Validation;

    private static (string Text, string? Pair) TextOf(Example example) => (example.Text, example.TextPair);
}
