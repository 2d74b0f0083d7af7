using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;

namespace LowRank.Cli.Commands;

/// <summary>The options that say how long and how fast is learned.</summary>
internal sealed class TrainingChoice
{
    private const string Balanced = "balanced";

    private readonly Option<double?> _rate = Number("--learning-rate", "The highest learning rate of the adapters. [default: the method's own, 0.0005 for lora, 0.01 for deep-lora]", "RATE");
    private readonly Option<double?> _headRate = Number("--head-learning-rate", "The highest learning rate of the head. [default: 0.0005]", "RATE");
    private readonly Option<int?> _epochs = Whole("--epochs", "Passes over the rows at most; early stopping may end sooner. [default: 10]");
    private readonly Option<int?> _steps = Whole("--steps", "Steps at most, instead of --epochs.");
    private readonly Option<int?> _batch = Whole("--batch-size", "Rows of one forward pass. [default: 16]");
    private readonly Option<int?> _accumulate = Whole("--accumulate", "Forward passes that are joined into one step. [default: 1]");
    private readonly Option<ScheduleKind?> _schedule = new("--schedule")
    {
        Description = "How the learning rate falls. [default: linear]",
        HelpName = "linear|cosine|constant",
    };

    private readonly Option<double?> _warmUp = Number("--warm-up", "Steps over which the rate rises; below 1, their share. [default: 0]", "N");
    private readonly Option<int?> _length = Whole("--max-length", "The most tokens of a text; longer ones are cut. [default: 128]");
    private readonly Option<int?> _every = Whole("--eval-every", "Steps between evaluations. [default: one epoch]");
    private readonly Option<int?> _save = Whole("--save-every", "Steps between checkpoints. [default: one at each evaluation]");
    private readonly Option<int?> _patience = Whole("--patience", "Evaluations without a better score until the run ends; 0 for never. [default: 3]");
    private readonly Option<double?> _clip = Number("--clip", "The largest norm of the gradient; 0 for no limit. [default: 1]", "NORM");
    private readonly Option<double?> _decay = Number("--weight-decay", "AdamW's weight decay of matrices. [default: 0]", "LAMBDA");
    private readonly Option<string?> _weights = new("--class-weights")
    {
        Description = "balanced: rare classes weigh more, so that each class counts the same. [default: none]",
        HelpName = "balanced|none",
    };

    private readonly Option<bool> _checkpointing = new("--gradient-checkpointing")
    {
        Description = "Compute activations again on the way back instead of keeping them: less memory for long texts, more time, the same result.",
    };

    private readonly Option<string?> _metric = new("--metric")
    {
        Description = "The score that decides which weights are best. [default: the task's; else accuracy or pearson]",
        HelpName = "NAME",
    };

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Where all randomness comes from; the same seed gives the same result. [default: 0]",
        HelpName = "N",
    };

    public void AddTo(Command command)
    {
        _weights.AcceptOnlyFromAmong(Balanced, "none");
        foreach (var option in new Option[]
        {
            _rate, _headRate, _epochs, _steps, _batch, _accumulate, _schedule, _warmUp, _length, _every, _save, _patience, _clip,
            _decay, _weights, _metric, _seed, _checkpointing,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>What the command line says, over what a configuration said.</summary>
    public FineTuneOptions Read(ParseResult parsed, FineTuneOptions before)
    {
        if (parsed.GetValue(_epochs) is not null && parsed.GetValue(_steps) is not null)
        {
            throw new UsageException("--epochs and --steps exclude each other: give one of them.");
        }

        var training = before.Training;
        return before with
        {
            MaxLength = parsed.GetValue(_length) ?? before.MaxLength,
            BalanceClasses = parsed.GetValue(_weights) is { } weights ? weights == Balanced : before.BalanceClasses,
            GradientCheckpointing = parsed.GetValue(_checkpointing) || before.GradientCheckpointing,
            Metric = parsed.GetValue(_metric) ?? before.Metric,
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

    /// <summary>The options with their warm-up in steps, which as a share depends on the number of rows.</summary>
    public static TrainingOptions WithWarmUp(TrainingOptions training, double? warmUp, int rows)
    {
        if (warmUp is not { } asked)
        {
            return training;
        }

        var perStep = Math.Max(1, (double)training.BatchSize * training.AccumulationSteps);
        var total = training.Steps ?? training.Epochs * Math.Ceiling(rows / perStep);
        var steps = asked < 1 ? (int)Math.Round(asked * total) : (int)asked;
        return training with { Schedule = training.Schedule with { WarmupSteps = steps } };
    }

    private static Option<double?> Number(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };

    private static Option<int?> Whole(string name, string description) =>
        new(name) { Description = description, HelpName = "N" };
}
