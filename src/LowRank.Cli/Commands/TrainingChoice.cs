using System.Collections.ObjectModel;
using System.CommandLine;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;

namespace LowRank.Cli.Commands;

/// <summary>The options that say how long and how fast is learned.</summary>
internal sealed class TrainingChoice
{
    private const string Balanced = "balanced";
    private const string Unweighted = "none";

    private readonly Option<double?> _rate = CommonOptions.Number("--learning-rate", "The highest learning rate of the adapters. [default: the method's own, 0.0005 for lora, 0.032 over the rank for deep-lora]", "RATE").Above(0);
    private readonly Option<double?> _headRate = CommonOptions.Number("--head-learning-rate", "The highest learning rate of the head. [default: 0.002]", "RATE").Above(0);
    private readonly Option<int?> _epochs = CommonOptions.Whole("--epochs", "Passes over the rows at most; early stopping may end sooner. [default: 10, or as many as 200 steps take]");
    private readonly Option<int?> _steps = CommonOptions.Whole("--steps", "Steps at most, instead of --epochs.");
    private readonly Option<int?> _batch = CommonOptions.Whole("--batch-size", "Rows of one forward pass. [default: 16]");
    private readonly Option<int?> _accumulate = CommonOptions.Whole("--accumulate", "Forward passes that are joined into one step. [default: 1]");
    private readonly Option<ScheduleKind?> _schedule = new("--schedule")
    {
        Description = "How the learning rate falls. [default: linear]",
        HelpName = "linear|cosine|constant",
    };

    private readonly Option<double?> _warmUp = CommonOptions.Number("--warm-up", "Steps over which the rate rises; below 1, their share. [default: 0]", "N");
    private readonly Option<int?> _length = CommonOptions.Whole("--max-length", "The most tokens of a text; longer ones are cut. [default: 128]");
    private readonly Option<int?> _every = CommonOptions.Whole("--eval-every", "Steps between evaluations. [default: one epoch, or a twentieth of the run where that is more]");
    private readonly Option<int?> _save = CommonOptions.Whole("--save-every", "Steps between checkpoints. [default: one at each evaluation]");
    private readonly Option<int?> _patience = CommonOptions.Whole("--patience", "Evaluations without a better score until the run ends; 0 for never. [default: 5]", least: 0);
    private readonly Option<double?> _clip = CommonOptions.Number("--clip", "The largest norm of the gradient; 0 for no limit. [default: 1]", "NORM").AtLeast(0);
    private readonly Option<double?> _decay = CommonOptions.Number("--weight-decay", "AdamW's weight decay of matrices. [default: 0]", "LAMBDA").AtLeast(0);
    private readonly Option<string?> _weights = new("--class-weights")
    {
        Description = "balanced: rare classes weigh more, so that each class counts the same; or weights by label, others weigh 1. [default: none]",
        HelpName = "balanced|none|LABEL=W,...",
    };

    private readonly Option<bool> _checkpointing = new("--gradient-checkpointing")
    {
        Description = "Compute activations again on the way back instead of keeping them: less memory for long texts, more time, the same result.",
    };

    private readonly Option<string?> _metric = new("--metric")
    {
        Description = "The score that decides which weights are best. [default: the task's; else accuracy, pearson, or for texts the loss]",
        HelpName = "NAME",
    };

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Where all randomness comes from; the same seed gives the same result. [default: 0]",
        HelpName = "N",
    };

    private readonly GeneratorChoice _generator = new();

    public void AddTo(Command command)
    {
        command.Add(_rate);
        AddSharedTo(command);
        command.Add(_save);
        command.Add(_seed);
    }

    /// <summary>For a command whose many runs share all but rate and seed and leave no checkpoints.</summary>
    /// <param name="command">The command.</param>
    /// <param name="steps">The steps that each run takes unless told otherwise.</param>
    public void AddManyTo(Command command, int steps)
    {
        _steps.Description = $"Steps of each run. [default: {steps}]";
        _epochs.Description = "Passes over the rows, instead of --steps.";
        _every.Description = "Steps between evaluations. [default: a twentieth of the steps; with --epochs, one epoch]";
        _patience.Description = "Evaluations without a better score until a run ends; 0 for never. [default: 0]";
        AddSharedTo(command);
    }

    /// <summary>What the command line says, over what a configuration said.</summary>
    public FineTuneOptions Read(ParseResult parsed, FineTuneOptions before)
    {
        if (parsed.GetValue(_epochs) is not null && parsed.GetValue(_steps) is not null)
        {
            throw new UsageException("--epochs and --steps exclude each other: give one of them.");
        }

        var training = before.Training;
        return WithWeights(before, parsed.GetValue(_weights)) with
        {
            MaxLength = parsed.GetValue(_length) ?? before.MaxLength,
            GradientCheckpointing = parsed.GetValue(_checkpointing) || before.GradientCheckpointing,
            Metric = parsed.GetValue(_metric) ?? before.Metric,
            Generator = _generator.Read(parsed, before.Generator),
            Training = training with
            {
                LearningRate = parsed.GetValue(_rate) ?? training.LearningRate,
                HeadLearningRate = parsed.GetValue(_headRate) ?? training.HeadLearningRate,
                Epochs = parsed.GetValue(_epochs) ?? training.Epochs,
                Steps = parsed.GetValue(_epochs) is null ? parsed.GetValue(_steps) ?? training.Steps : null,
                BatchSize = parsed.GetValue(_batch) ?? training.BatchSize,
                AccumulationSteps = parsed.GetValue(_accumulate) ?? training.AccumulationSteps,
                Schedule = training.Schedule with { Kind = parsed.GetValue(_schedule) ?? training.Schedule.Kind },
                EvaluateEvery = parsed.GetValue(_every) ?? training.EvaluateEvery,
                CheckpointEvery = parsed.GetValue(_save) ?? training.CheckpointEvery,
                Patience = parsed.GetValue(_patience) ?? training.Patience,
                MaxGradientNorm = parsed.GetValue(_clip) ?? training.MaxGradientNorm,
                Optimizer = training.Optimizer with { WeightDecay = parsed.GetValue(_decay) ?? training.Optimizer.WeightDecay },
                Seed = parsed.GetValue(_seed) ?? training.Seed,
            },
        };
    }

    /// <summary>The warm-up that was asked for: whole steps, or below 1 their share.</summary>
    public double? ReadWarmUp(ParseResult parsed)
    {
        var warmUp = parsed.GetValue(_warmUp);
        return warmUp is null or (>= 0 and < 1) || (warmUp > 0 && warmUp <= int.MaxValue && double.IsInteger(warmUp.Value))
            ? warmUp
            : throw new UsageException(FormattableString.Invariant(
                $"--warm-up: got {warmUp}; wanted whole steps, or a share from 0 to below 1."));
    }

    private void AddSharedTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _headRate, _epochs, _steps, _batch, _accumulate, _schedule, _warmUp, _length, _every, _patience, _clip,
            _decay, _weights, _metric, _checkpointing,
        })
        {
            command.Add(option);
        }

        _generator.AddTo(command);
    }

    private static FineTuneOptions WithWeights(FineTuneOptions before, string? weights) => weights is null ? before : before with
    {
        BalanceClasses = weights == Balanced,
        ClassWeights = weights is Balanced or Unweighted
            ? ReadOnlyDictionary<string, double>.Empty
            : ReadWeights(weights),
    };

    private static Dictionary<string, double> ReadWeights(string text)
    {
        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (label, weight) in text.Split(',').Select(ReadWeight))
        {
            if (!weights.TryAdd(label, weight))
            {
                throw new UsageException($"--class-weights: got '{label}' twice; wanted each label once.");
            }
        }

        return weights;
    }

    private static KeyValuePair<string, double> ReadWeight(string part)
    {
        var mark = part.LastIndexOf('=');
        return mark > 0 && double.TryParse(part.AsSpan(mark + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var weight)
            ? new(part[..mark].Trim(), weight)
            : throw new UsageException(
                $"--class-weights: got '{part}'; wanted {Balanced}, {Unweighted}, or labels with weights such as good=1,bad=2.5.");
    }
}
