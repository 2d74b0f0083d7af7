using System.Text.Json.Serialization;
using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Everything that decides a pre-training run but the shape of a new model.</summary>
public sealed record PretrainOptions
{
    private const int Evaluations = 20;
    private const int LeastBetween = 50;

    /// <summary>Text to learn from: plain text, or tables with a column of texts.</summary>
    public required IReadOnlyList<string> TextFiles { get; init; }

    /// <summary>Text to judge by.</summary>
    /// <value>Null: a share of the passages, set aside.</value>
    public string? ValidationFile { get; init; }

    /// <summary>The share of passages set aside when there is no such file.</summary>
    /// <value>0.05; above 0 and at most 0.5.</value>
    public double ValidationShare { get; init; } = 0.05;

    /// <summary>The column of texts in tables.</summary>
    /// <value>Null: guessed from the usual names.</value>
    public string? TextColumn { get; init; }

    /// <summary>The folder of a model to go on from.</summary>
    /// <value>Null: a new model, drawn from the seed.</value>
    public string? ModelFolder { get; init; }

    /// <summary>The folder with the tokenizer's files.</summary>
    /// <value>Null: the model's own.</value>
    public string? TokenizerFolder { get; init; }

    /// <summary>What is trained: every weight, or an adapter on the linear layers of a model to go on from.</summary>
    /// <value>
    /// Every weight. An adapter's updates are added to the weights of the model that is written; a head that the model lacks
    /// is trained in full beside it.
    /// </value>
    public AdapterOptions Adapter { get; init; } = new FullOptions();

    /// <summary>A BERT's windows and masks.</summary>
    /// <value>The defaults.</value>
    public MaskedLanguageOptions Masking { get; init; } = new();

    /// <summary>A T5's windows and what is left out of them.</summary>
    /// <value>The defaults.</value>
    public SpanCorruptionOptions Spans { get; init; } = new();

    /// <summary>The share of steps over which the learning rate rises; overrides the schedule's warm-up.</summary>
    /// <value>0.05; in [0, 1).</value>
    public double WarmUpShare { get; init; } = 0.05;

    /// <summary>The number format of the weights in the file.</summary>
    /// <value>F32.</value>
    public TensorDtype Dtype { get; init; } = TensorDtype.F32;

    /// <summary>Where the model computes: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <value>Null: the CPU.</value>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Device { get; init; }

    /// <summary>The training; all that is trained learns at <see cref="TrainingOptions.LearningRate"/>.</summary>
    /// <value>The defaults.</value>
    public TrainingOptions Training { get; init; } = new();

    internal string TokenizerSource => TokenizerFolder ?? ModelFolder ?? throw new ArgumentException(
        $"{nameof(TokenizerFolder)}: got none; wanted the folder with the tokenizer's files, as there is no model to go "
            + "on from.");

    /// <summary>The training with what depends on the number of rows, and one rate for all.</summary>
    internal TrainingOptions TrainingFor(int rows)
    {
        Check.InRange(WarmUpShare, 0, 0.99);
        var total = Training.TotalSteps(rows);
        return Training with
        {
            HeadLearningRate = Training.LearningRate,
            Schedule = Training.Schedule with { WarmupSteps = (int)Math.Round(WarmUpShare * total) },
            EvaluateEvery = Training.EvaluateEvery ?? Math.Max(LeastBetween, total / Evaluations),
        };
    }

    /// <summary>The passages to learn from and those to judge by.</summary>
    internal (IReadOnlyList<IReadOnlyList<string>> Training, IReadOnlyList<IReadOnlyList<string>> Validation) ReadText()
    {
        Check.That(TextFiles.Count > 0, nameof(TextFiles), $"{nameof(TextFiles)}: got none; wanted some text.");
        var passages = PretrainingText.ReadPassages(TextFiles, TextColumn).ToList();
        if (ValidationFile is { } file)
        {
            return (passages, [.. PretrainingText.ReadPassages([file], TextColumn)]);
        }

        Check.That(
            ValidationShare is > 0 and <= 0.5,
            nameof(ValidationShare),
            $"{nameof(ValidationShare)}: got {ValidationShare}; wanted a share above 0 and at most 0.5.");
        Check.That(
            passages.Count > 1,
            nameof(TextFiles),
            $"{nameof(TextFiles)}: got {passages.Count} passages; wanted more, to set some aside. Give text to judge by.");
        var every = Math.Min((int)Math.Round(1 / ValidationShare), passages.Count);
        var aside = passages.Index().ToLookup(entry => entry.Index % every == every - 1, entry => entry.Item);
        return ([.. aside[false]], [.. aside[true]]);
    }
}
