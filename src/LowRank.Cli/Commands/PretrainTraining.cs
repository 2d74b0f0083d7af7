using System.CommandLine;
using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Pretraining;

namespace LowRank.Cli.Commands;

/// <summary>The options that say how long and how fast is learned.</summary>
internal sealed class PretrainTraining
{
    private const string Full = "full";
    private const string Lora = "lora";
    private const string DeepLora = "deep-lora";

    private readonly Option<string?> _adapter = CommonOptions.Word(
        "--adapter",
        "What is trained: full (every weight), or lora or deep-lora upon a --model, whose updates are added to its weights "
            + "at the end. [default: full]",
        $"{Full}|{Lora}|{DeepLora}");

    private readonly Option<int?> _rank = CommonOptions.Whole("--rank", "lora, deep-lora: the rank of the updates. [default: 8]");
    private readonly Option<double?> _rate = CommonOptions.Number(
        "--learning-rate",
        "The highest learning rate; a trained model wants some 0.00005. [default: 0.001, or the adapter's]",
        "RATE");

    private readonly Option<int?> _epochs = CommonOptions.Whole("--epochs", "Passes over the text. [default: 1]");
    private readonly Option<int?> _steps = CommonOptions.Whole("--steps", "Steps, instead of --epochs.");
    private readonly Option<int?> _batch =
        CommonOptions.Whole("--batch-size", "Windows of one step. [default: 16]");
    private readonly Option<double?> _warmUp =
        CommonOptions.Number("--warm-up", "The share of steps over which the rate rises. [default: 0.05]", "SHARE");
    private readonly Option<double?> _decay =
        CommonOptions.Number("--weight-decay", "AdamW's weight decay of matrices. [default: 0.01]", "LAMBDA");
    private readonly Option<int?> _every =
        CommonOptions.Whole("--eval-every", "Steps between evaluations and checkpoints. [default: a twentieth of the run]");
    private readonly Option<long> _seed = CommonOptions.Seed();

    /// <summary>A new run's options before the command line says more.</summary>
    public static PretrainOptions Defaults { get; } = new()
    {
        TextFiles = [],
        Training = new()
        {
            LearningRate = 1e-3,
            Epochs = 1,
            Optimizer = new() { Beta2 = 0.98, WeightDecay = 0.01 }, // as RoBERTa: 0.999 remembers the first wild steps for too long
            Patience = 0,
        },
    };

    public void AddTo(Command command)
    {
        _adapter.AcceptOnlyFromAmong(Full, Lora, DeepLora);
        foreach (var option in new Option[] { _adapter, _rank, _rate, _epochs, _steps, _batch, _warmUp, _decay, _every, _seed })
        {
            command.Add(option);
        }
    }

    // The warm-up stays a share until the number of windows is known.
    public PretrainOptions Read(ParseResult parsed, PretrainOptions before)
    {
        if (parsed.GetValue(_epochs) is not null && parsed.GetValue(_steps) is not null)
        {
            throw new UsageException("--epochs and --steps exclude each other: give one of them.");
        }

        var warmUp = parsed.GetValue(_warmUp) ?? before.WarmUpShare;
        if (warmUp is < 0 or >= 1)
        {
            throw new UsageException(FormattableString.Invariant($"--warm-up: got {warmUp}; wanted a share from 0 to below 1."));
        }

        var (adapter, training) = (Adapter(parsed, before.Adapter), before.Training);
        return before with
        {
            Adapter = adapter,
            WarmUpShare = warmUp,
            Training = training with
            {
                LearningRate = parsed.GetValue(_rate)
                    ?? (adapter.Method == before.Adapter.Method ? training.LearningRate : adapter.DefaultLearningRate),
                Epochs = parsed.GetValue(_epochs) ?? training.Epochs,
                Steps = parsed.GetValue(_steps) ?? training.Steps,
                BatchSize = parsed.GetValue(_batch) ?? training.BatchSize,
                Optimizer = training.Optimizer with { WeightDecay = parsed.GetValue(_decay) ?? training.Optimizer.WeightDecay },
                EvaluateEvery = parsed.GetValue(_every) ?? training.EvaluateEvery,
                Seed = parsed.GetResult(_seed) is null ? training.Seed : parsed.GetValue(_seed),
            },
        };
    }

    private AdapterOptions Adapter(ParseResult parsed, AdapterOptions before)
    {
        var method = parsed.GetValue(_adapter) ?? before.Method;
        AdapterOptions chosen = method == before.Method ? before : method switch
        {
            Lora => new LoraOptions(),
            DeepLora => new DeepLoraOptions(),
            _ => new FullOptions(),
        };
        return (parsed.GetValue(_rank), chosen) switch
        {
            (null, _) => chosen,
            ({ } rank, FactorOptions factors) => factors with { Rank = rank },
            _ => throw new UsageException("--rank belongs to lora, deep-lora: add '--adapter lora', or leave it out."),
        };
    }
}
