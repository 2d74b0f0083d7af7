using System.CommandLine;
using System.Globalization;
using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Pretraining;
using LowRank.FineTuning.Training;
using LowRank.Transformers.Bert;
using LowRank.Transformers.T5;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary>Reads text, trains, writes the model folder, and says what came out.</summary>
internal sealed class PretrainRun(PretrainFolder folder, int threads, bool json, CancellationToken stop)
{
    private readonly Screen _screen = new(json);

    public async Task<int> BeginAsync(PretrainOptions options, PretrainText text, ModelShape shape, ParseResult parsed)
    {
        var (model, revision) = shape.ReadModel(parsed);
        if (options.TextFiles.Count == 0)
        {
            throw new UsageException("There is nothing to learn from: name at least one FILE of text.");
        }

        if (model is null && options.Adapter is not FullOptions)
        {
            throw new UsageException(
                $"--adapter {options.Adapter.Method} learns upon a trained model: name it by --model, or leave --adapter out.");
        }

        if (model is null && options.TokenizerFolder is null)
        {
            throw new UsageException(
                "--tokenizer is missing: a new model needs a vocabulary. 'lowrank tokenizer train FILE --out DIR' makes one; "
                    + "or go on from a --model.");
        }

        var place = model is null ? null : await ModelPlace.LocateAsync(model, revision, _screen, stop).ConfigureAwait(false);
        var (isT5, begin) = place is null ? shape.Read(parsed) : (T5Config.Describes(place.Folder), options => new Pretrainer(options));
        text.RequireFit(parsed, isT5);
        if (options.Adapter is not FullOptions && place is not null && Full(place.Folder) == Full(folder.Path))
        {
            throw new UsageException(
                $"{folder.Path}: is the model itself, to which a resumed run must go back; choose another --out.");
        }

        return Run(options with { ModelFolder = place?.Folder }, begin, resume: false);
    }

    /// <summary>Goes on with an interrupted run, whose folder has everything but the model that an adapter learns upon.</summary>
    public async Task<int> ResumeAsync(Func<PretrainOptions, PretrainOptions> read, ModelShape shape, ParseResult parsed)
    {
        var options = folder.IsRun && folder.HasCheckpoint
            ? folder.ReadOptions()
            : throw new UsageException($"{folder.Path}: no checkpoint of a pre-training run is there; start the run anew, without --resume.");
        var asked = read(options);
        ResumedOptions.RequireSame(folder.Path, asked with { Device = options.Device }, options);
        options = options with { TokenizerFolder = folder.Path, Device = asked.Device };
        if (options.Adapter is FullOptions)
        {
            return Run(
                options with { ModelFolder = null },
                T5Config.Describes(folder.Path)
                    ? run => new Pretrainer(run, T5Config.Read(folder.Path))
                    : run => new Pretrainer(run, BertConfig.Read(folder.Path)),
                resume: true);
        }

        if (shape.ReadModel(parsed) is ({ } moved, var revision))
        {
            var place = await ModelPlace.LocateAsync(moved, revision, _screen, stop).ConfigureAwait(false);
            options = options with { ModelFolder = place.Folder };
        }

        return Directory.Exists(options.ModelFolder)
            ? Run(options, run => new Pretrainer(run), resume: true)
            : throw new DirectoryNotFoundException(
                $"{options.ModelFolder}: the model that the adapter learns upon is not there any more; say by --model where it is now.");
    }

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    // From here on there are tensors: nothing is awaited.
    private int Run(PretrainOptions options, Func<PretrainOptions, Pretrainer> begin, bool resume)
    {
        if (threads > 0)
        {
            torch.set_num_threads(threads);
        }

        using var pretrainer = begin(options);
        var task = pretrainer.Task;
        _screen.Note(string.Create(CultureInfo.InvariantCulture,
            $"to learn from: {task.TrainingTokens:N0} tokens in {task.Rows:N0} rows; to judge by: {task.ValidationTokens:N0} tokens"));
        _screen.Note(string.Create(CultureInfo.InvariantCulture,
            $"guessing by frequency: loss {task.Baseline.Loss:0.0000}, accuracy {task.Baseline.Accuracy:0.0000}"));
        var result = pretrainer.Run(folder, resume, [new FinetuneProgress(_screen)], stop);
        Print(result, task);
        return result.Reason switch
        {
            StopReason.Cancelled => ExitCode.Cancelled,
            StopReason.LossNotFinite or StopReason.GradientNotFinite => ExitCode.NoResult,
            _ => ExitCode.Success,
        };
    }

    private void Print(TrainingResult result, LanguageTask task)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new
            {
                folder.Path,
                task.Baseline,
                Result = result with { BestScores = [] },
                BestScores = result.BestScores.ToDictionary(),
            }));
            return;
        }

        _screen.Table(
            ["score on text set aside", "best"],
            result.BestScores.Select(score => new[] { score.Key, score.Value.ToString("0.0000", CultureInfo.InvariantCulture) }));
        _screen.Line(result.Throughput.ToString());
        _screen.Line(result.Reason == StopReason.Cancelled
            ? $"Stopped and saved. 'lowrank pretrain --resume --out {folder.Path}' goes on from here."
            : $"next: lowrank finetune FILE --model {folder.Path}");
    }
}
