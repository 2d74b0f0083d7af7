using LowRank.Experiments.Methods;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;

namespace LowRank.Experiments.Comparisons;

/// <summary>What is compared, on which rows, by which runs.</summary>
public sealed record ComparisonOptions
{
    /// <summary>What all runs have in common: model, files, layers, training.</summary>
    /// <remarks>Its adapter, learning rate, seed and numbers of samples count for nothing.</remarks>
    public required FineTuneOptions Common { get; init; }

    /// <summary>Names of methods in <see cref="MethodCatalogue"/>.</summary>
    /// <value>LoRA and both usual forms of Deep LoRA.</value>
    public IReadOnlyList<string> Methods { get; init; } = [MethodCatalogue.Baseline, "deep-lora", "deep-lora-narrow"];

    /// <summary>The ranks.</summary>
    /// <value>8 alone.</value>
    public IReadOnlyList<int> Ranks { get; init; } = [8];

    /// <summary>Numbers of training rows.</summary>
    /// <value>16 and 64.</value>
    public IReadOnlyList<int> Samples { get; init; } = [16, 64];

    /// <summary>The learning rates; each method's default is tried in any case.</summary>
    /// <value>A quarter of, once, and four times the default.</value>
    public IReadOnlyList<RateChoice> LearningRates { get; init; } = [new(0.25, true), new(1, true), new(4, true)];

    /// <summary>The seeds, the same for every method.</summary>
    /// <value>0 to 9.</value>
    public IReadOnlyList<long> Seeds { get; init; } = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    /// <summary>The file whose rows the runs are compared by.</summary>
    /// <value>Null: a share of the training file's rows, set aside before anything else.</value>
    public string? TestFile { get; init; }

    /// <summary>That share.</summary>
    /// <value>0.2; above 0 and below 1.</value>
    public double TestShare { get; init; } = 0.2;

    /// <summary>At most so many test rows.</summary>
    /// <value>Null: all.</value>
    public int? TestRows { get; init; }

    /// <summary>At most so many validation rows.</summary>
    /// <value>Null: all of a validation file, at most 256 of the training file.</value>
    public int? ValidationRows { get; init; }

    /// <summary>Steps of warm-up; below 1, their share of the run.</summary>
    /// <value>0.</value>
    public double WarmUp { get; init; }

    /// <summary>Shares of the first training loss: how many steps until the loss is that low?</summary>
    /// <value>Half and a tenth.</value>
    public IReadOnlyList<double> LossLevels { get; init; } = [0.5, 0.1];

    /// <summary>The files; never null.</summary>
    internal FineTuneData Data => Check.NotNull(Common.Data, "Common.Data");

    /// <summary>Every run of the comparison, seeds running fastest.</summary>
    /// <returns>The runs, each once.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or there is no such method.</exception>
    public IReadOnlyList<ComparisonCell> Cells()
    {
        Validate();
        var cells =
            from method in Methods.Select(MethodCatalogue.Find)
            from rank in method.RanksOf(Ranks)
            from samples in Samples
            from rate in LearningRates.Append(new(1, true)).Select(rate => rate.For(method.DefaultLearningRate(rank)))
            from seed in Seeds
            select new ComparisonCell(method.Name, rank, samples, rate, seed);
        return [.. cells.Distinct()];
    }

    private void Validate()
    {
        RequireSome(Methods, nameof(Methods));
        RequireSome(LearningRates, nameof(LearningRates));
        RequireSome(Seeds, nameof(Seeds));
        RequireSome(Ranks, nameof(Ranks)).ToList().ForEach(rank => Check.AtLeast(rank, 1, nameof(Ranks)));
        RequireSome(Samples, nameof(Samples)).ToList().ForEach(count => Check.AtLeast(count, 2, nameof(Samples)));
        Check.That(TestShare is > 0 and < 1, nameof(TestShare), $"{nameof(TestShare)}: got {TestShare}; wanted above 0 and below 1.");
        Check.AtLeast(TestRows ?? 1, 1, nameof(TestRows));
        Check.AtLeast(ValidationRows ?? 1, 1, nameof(ValidationRows));
        Check.NotNegative(WarmUp);
        foreach (var level in LossLevels)
        {
            Check.That(level is > 0 and < 1, nameof(LossLevels), $"{nameof(LossLevels)}: got {level}; wanted above 0 and below 1.");
        }
    }

    private static IReadOnlyList<T> RequireSome<T>(IReadOnlyList<T> items, string name)
    {
        Check.That(Check.NotNull(items, name).Count > 0, name, $"{name}: got none; wanted at least one.");
        return items;
    }
}
