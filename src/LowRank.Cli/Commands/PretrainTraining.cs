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
    private const int DefaultRank = 8;
    private const double DefaultRate = 1e-3;
    private const double DefaultDecay = 0.01;
    private const double DefaultWarmUp = 0.05;
    private const double DefaultBeta2 = 0.98; // as RoBERTa's: AdamW's 0.999 remembers the first wild steps for too long

    private readonly Option<string> _adapter = new("--adapter")
    {
        Description = "What is trained: full (every weight), or lora or deep-lora upon a --model, "
            + "whose updates are added to its weights at the end.",
        HelpName = $"{Full}|{Lora}|{DeepLora}",
        DefaultValueFactory = _ => Full,
    };

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

        var warmUp = parsed.GetValue(_warmUp) ?? DefaultWarmUp;
        if (warmUp is < 0 or >= 1)
        {
            throw new UsageException(FormattableString.Invariant($"--warm-up: got {warmUp}; wanted a share from 0 to below 1."));
        }

        var adapter = Adapter(parsed);
        return before with
        {
            Adapter = adapter,
            WarmUpShare = warmUp,
            Training = before.Training with
            {
                LearningRate = parsed.GetValue(_rate) ?? (adapter is FullOptions ? DefaultRate : adapter.DefaultLearningRate),
                Epochs = parsed.GetValue(_epochs) ?? 1,
                Steps = parsed.GetValue(_steps),
                BatchSize = parsed.GetValue(_batch) ?? before.Training.BatchSize,
                Optimizer = before.Training.Optimizer with { Beta2 = DefaultBeta2, WeightDecay = parsed.GetValue(_decay) ?? DefaultDecay },
                EvaluateEvery = parsed.GetValue(_every),
                Patience = 0,
                Seed = parsed.GetValue(_seed),
            },
        };
    }

    private AdapterOptions Adapter(ParseResult parsed)
    {
        var rank = parsed.GetValue(_rank);
        return parsed.GetValue(_adapter) switch
        {
            Lora => new LoraOptions { Rank = rank ?? DefaultRank },
            DeepLora => new DeepLoraOptions { Rank = rank ?? DefaultRank },
            _ when rank is null => new FullOptions(),
            _ => throw new UsageException("--rank belongs to lora, deep-lora: add '--adapter lora', or leave it out."),
        };
    }
}
