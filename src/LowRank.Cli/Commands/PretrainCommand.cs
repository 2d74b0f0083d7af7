using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Pretraining;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank pretrain</c>: teaches a BERT a language, or more of it, from plain text.</summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Text to learn from: text files, or tables (CSV, TSV, JSON lines, Parquet) with a column of texts.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var output = new Option<string>("--out") { Description = "Folder for the model.", HelpName = "DIR", Required = true };
        var (text, shape, training) = (new PretrainText(), new ModelShape(), new PretrainTraining());
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var force = new Option<bool>("--force") { Description = "Replace a run that is there already." };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in --out, with its own options." };
        var command = new Command("pretrain", "Train a BERT on plain text, from scratch or onwards, by guessing hidden words.") { files, output, force, resume };
        text.AddTo(command);
        shape.AddTo(command);
        training.AddTo(command);
        command.Add(threads);
        command.Add(json);
        command.With(
            "lowrank pretrain town-train.txt --tokenizer town-bert-vocabulary --steps 2000 --out town-bert",
            "lowrank pretrain notes.txt --model google-bert/bert-base-cased --learning-rate 0.00005 --epochs 1 --out notes-bert",
            "lowrank pretrain town-train.txt --tokenizer pieces --config config.json --dtype float16 --out town-bert",
            "lowrank pretrain --resume --out town-bert");
        command.SetAction(async (parsed, stop) =>
        {
            var folder = new PretrainFolder(parsed.GetRequiredValue(output));
            var run = new PretrainRun(folder, parsed.GetValue(threads), parsed.GetValue(json), stop);
            if (parsed.GetValue(resume))
            {
                return run.Resume();
            }

            RequireFree(folder, parsed.GetValue(force));
            var options = new PretrainOptions { TextFiles = [.. parsed.GetRequiredValue(files).Select(Path.GetFullPath)] };
            options = training.Read(parsed, text.Read(parsed, options));
            return await run.BeginAsync(options, shape, parsed).ConfigureAwait(false);
        });
        return command;
    }

    private static void RequireFree(PretrainFolder folder, bool force)
    {
        if (folder.IsRun && !force)
        {
            throw new UsageException(
                $"{folder.Path}: a run is there already; add --resume to go on with it, --force to replace it, or choose another --out.");
        }

        if (!folder.IsRun && (File.Exists(folder.Path) || File.Exists(Path.Combine(folder.Path, "config.json"))))
        {
            throw new UsageException($"{folder.Path}: there is something else already, no run; choose another --out.");
        }
    }

    /// <summary>The options that say what is read.</summary>
    private sealed class PretrainText
    {
        private readonly Option<string?> _column = new("--text", "--text-column") { Description = "The column of the texts in tables. [default: guessed]", HelpName = "COLUMN" };
        private readonly Option<string?> _validation = new("--validation-file") { Description = "Text to judge by.", HelpName = "FILE" };
        private readonly Option<double?> _share = new("--validation-share") { Description = "Without such a file: the share of lines set aside. [default: 0.05]", HelpName = "SHARE" };
        private readonly Option<string?> _tokenizer = new("--tokenizer") { Description = "Folder with the tokenizer's files. [default: the model's own]", HelpName = "DIR" };
        private readonly Option<int?> _window = new("--window") { Description = "Tokens of a window, into which the text is packed. [default: 128]", HelpName = "N" };
        private readonly Option<double?> _mask = new("--mask-share") { Description = "The share of tokens that are hidden, in whole words. [default: 0.15]", HelpName = "SHARE" };
        private readonly Option<string> _dtype = new("--dtype") { Description = "Number format of the weights in the file.", HelpName = "float32|float16|bfloat16", DefaultValueFactory = _ => "float32" };

        public void AddTo(Command command)
        {
            _dtype.AcceptOnlyFromAmong("float32", "float16", "bfloat16");
            foreach (var option in new Option[] { _column, _validation, _share, _tokenizer, _window, _mask, _dtype })
            {
                command.Add(option);
            }
        }

        public PretrainOptions Read(ParseResult parsed, PretrainOptions before) => before with
        {
            TextColumn = parsed.GetValue(_column),
            ValidationFile = parsed.GetValue(_validation) is { } file ? Path.GetFullPath(file) : null,
            ValidationShare = parsed.GetValue(_share) ?? before.ValidationShare,
            TokenizerFolder = parsed.GetValue(_tokenizer) is { } folder ? Path.GetFullPath(folder) : null,
            Masking = before.Masking with
            {
                WindowLength = parsed.GetValue(_window) ?? before.Masking.WindowLength,
                MaskShare = parsed.GetValue(_mask) ?? before.Masking.MaskShare,
            },
            Dtype = parsed.GetValue(_dtype) switch
            {
                "float16" => TensorDtype.F16,
                "bfloat16" => TensorDtype.BF16,
                _ => TensorDtype.F32,
            },
        };
    }

    /// <summary>The options that say how long and how fast is learned.</summary>
    private sealed class PretrainTraining
    {
        private const double DefaultRate = 1e-3;
        private const double DefaultDecay = 0.01;
        private const double DefaultWarmUp = 0.05;
        private const double DefaultBeta2 = 0.98; // as RoBERTa's: AdamW's 0.999 remembers the first wild steps for too long

        private readonly Option<double?> _rate = new("--learning-rate") { Description = "The highest learning rate; a trained model wants some 0.00005. [default: 0.001]", HelpName = "RATE" };
        private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the text. [default: 1]", HelpName = "N" };
        private readonly Option<int?> _steps = new("--steps") { Description = "Steps, instead of --epochs.", HelpName = "N" };
        private readonly Option<int?> _batch = new("--batch-size") { Description = "Windows of one step. [default: 16]", HelpName = "N" };
        private readonly Option<double?> _warmUp = new("--warm-up") { Description = "The share of steps over which the rate rises. [default: 0.05]", HelpName = "SHARE" };
        private readonly Option<double?> _decay = new("--weight-decay") { Description = "AdamW's weight decay of matrices. [default: 0.01]", HelpName = "LAMBDA" };
        private readonly Option<int?> _every = new("--eval-every") { Description = "Steps between evaluations and checkpoints. [default: a twentieth of the run]", HelpName = "N" };
        private readonly Option<long> _seed = CommonOptions.Seed();

        public void AddTo(Command command)
        {
            foreach (var option in new Option[] { _rate, _epochs, _steps, _batch, _warmUp, _decay, _every, _seed })
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

            return before with
            {
                WarmUpShare = warmUp,
                Training = before.Training with
                {
                    LearningRate = parsed.GetValue(_rate) ?? DefaultRate,
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
    }
}
