using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Training;
using LowRank.Tensors;

namespace LowRank.FineTuning.Runs;

/// <summary>Everything that decides a fine-tuning run but its rows; what <c>config.json</c> holds.</summary>
public sealed record FineTuneOptions
{
    /// <summary>The base model's folder in the Hugging Face layout.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>What the model is called elsewhere: its hub id, for the adapter's readers.</summary>
    /// <value>Null: the folder.</value>
    public string? ModelName { get; init; }

    /// <summary>The model's revision on the hub.</summary>
    /// <value>Null: not said.</value>
    public string? Revision { get; init; }

    /// <summary>
    /// The folder of a run, or of a PEFT adapter with its head, whose adapter and head are the start; its adapter
    /// options then hold, whatever <see cref="Adapter"/> and <see cref="Targets"/> say.
    /// </summary>
    /// <value>Null: a fresh adapter.</value>
    public string? From { get; init; }

    /// <summary>The files that the run learns from.</summary>
    /// <value>Null: the rows come from elsewhere, and the configuration alone does not repeat the run.</value>
    public FineTuneData? Data { get; init; }

    /// <summary>The kind of adapter.</summary>
    /// <value>LoRA of rank 8.</value>
    public AdapterOptions Adapter { get; init; } = new LoraOptions();

    /// <summary>
    /// Which layers get one: <c>all-linear</c>, <c>all-dense</c>, <c>/regex/</c>, or names with commas.
    /// </summary>
    /// <value><c>all-linear</c>.</value>
    public string Targets { get; init; } = TargetSelector.AllLinearWord;

    /// <summary>Names or path endings of layers that get none.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The least size of a layer's smaller side.</summary>
    /// <value>1.</value>
    public int MinimumSize { get; init; } = 1;

    /// <summary>Whether the head is trained in full.</summary>
    /// <value>
    /// True; the Deep LoRA paper left it random and frozen. A model that writes texts has no new head, and its output
    /// layer stays as it is.
    /// </value>
    public bool TrainHead { get; init; } = true;

    /// <summary>Decides how a classifier's new layers are drawn.</summary>
    /// <value>Null: the run's seed does. The Deep LoRA paper had one draw for all its runs.</value>
    public long? HeadSeed { get; init; }

    /// <summary>The most tokens of a text; of a source, where texts are written.</summary>
    /// <value>128.</value>
    public int MaxLength { get; init; } = 128;

    /// <summary>
    /// Whether the layers' activations are computed again on the way back instead of kept: less memory for long texts,
    /// more time, the same numbers.
    /// </summary>
    /// <value>False.</value>
    public bool GradientCheckpointing { get; init; }

    /// <summary>The name of the score that decides what is best.</summary>
    /// <value>Null: accuracy of classes, Pearson's correlation of numbers, the loss of texts.</value>
    public string? Metric { get; init; }

    /// <summary>Whether rare classes weigh more in the loss, so that each class counts the same.</summary>
    /// <value>False.</value>
    public bool BalanceClasses { get; init; }

    /// <summary>How much the rows of a label weigh in the loss; labels that are not named weigh 1.</summary>
    /// <value>Empty: all weigh 1. Weights are above 0; not together with <see cref="BalanceClasses"/>.</value>
    public IReadOnlyDictionary<string, double> ClassWeights { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>What belongs to a model that writes texts.</summary>
    /// <value>Null: the defaults for a T5; a classifier has none.</value>
    public GeneratorOptions? Generator { get; init; }

    /// <summary>Where the model computes: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <value>
    /// Null: the CPU. The same rows, order and start on each device, other rounding and other dropout (docs/devices.md). A
    /// model that is lent to the run stays where it is.
    /// </value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Device { get; init; }

    /// <summary>The training itself.</summary>
    /// <value>The defaults.</value>
    public TrainingOptions Training { get; init; } = new();

    internal TargetSelector Selector()
    {
        var selector = TargetSelector.Parse(Targets);
        return selector with
        {
            Exclude = [.. selector.Exclude, .. Exclude],
            MinimumSize = Math.Max(selector.MinimumSize, Check.AtLeast(MinimumSize, 1)),
        };
    }

    internal IReadOnlyList<double>? LossWeights(ExampleSet training)
    {
        Check.That(
            !BalanceClasses || ClassWeights.Count == 0,
            nameof(ClassWeights),
            $"{nameof(ClassWeights)}: got {nameof(BalanceClasses)} as well; wanted one of the two.");
        return BalanceClasses ? training.ClassWeights()
            : ClassWeights.Count > 0 ? training.ClassWeights(ClassWeights)
            : null;
    }

    internal Metric? ChosenMetric() => Metric is null ? null : Metrics.Metric.Find(Metric);
}
