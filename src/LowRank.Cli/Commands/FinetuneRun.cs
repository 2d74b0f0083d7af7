using System.Globalization;
using LowRank.Cli.Plots;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary>Reads, trains, writes the run folder, and says what came out.</summary>
internal sealed class FinetuneRun(FinetuneRequest request, CancellationToken stop)
{
    private readonly Screen _screen = new(request.Json);

    public async Task<int> RunAsync()
    {
        var (model, named) = (request.Options.ModelFolder, request.Options.ModelName);
        var place = await ModelPlace.LocateAsync(
            named is not null && !Directory.Exists(model) ? named : model, request.Options.Revision, _screen, stop).ConfigureAwait(false);
        return Run(request.Options with
        {
            ModelFolder = place.Folder,
            ModelName = place.Name ?? named,
            Revision = place.Revision ?? request.Options.Revision,
            Data = request.Data.For(place.Folder),
        });
    }

    // From here on there are tensors: nothing is awaited.
    private int Run(FineTuneOptions options)
    {
        if (request.Threads > 0)
        {
            torch.set_num_threads(request.Threads);
        }

        var (training, validation) = options.Data!.Read(options.Training.Seed, StartChoice.LabelsOf(options.From));
        _screen.Note($"to learn from: {training.Report}".TrimEnd());
        _screen.Note($"to judge by: {validation.Report}".TrimEnd());
        options = Resolve(options, training);
        RequireSame(options);
        using var tuner = new TextFineTuner(options, training, validation);
        if (options.From is null && tuner.Weights.NewlyInitialised.Count > 0)
        {
            _screen.Note(string.Create(CultureInfo.InvariantCulture,
                $"new, drawn from seed {options.Training.Seed}: {string.Join(", ", tuner.Weights.NewlyInitialised)}"));
        }

        NoteCuts(tuner.TrainingData);
        if (request.DryRun)
        {
            new FinetunePreview(request.Json, _screen).Show(tuner, training);
            return ExitCode.Success;
        }

        var result = Train(tuner);
        Print(result, training, tuner);
        return result.Reason switch
        {
            StopReason.Cancelled => ExitCode.Cancelled,
            StopReason.LossNotFinite or StopReason.GradientNotFinite => ExitCode.NoResult,
            _ => ExitCode.Success,
        };
    }

    private void NoteCuts(DataReport data)
    {
        foreach (var (tokens, what) in new[] { (data.Tokens, "texts"), (data.TargetTokens, "target texts") })
        {
            if (tokens is { Truncated: > 0 })
            {
                _screen.Note($"{tokens.Truncated} of {data.Kept} training {what} are longer than {tokens.Limit} tokens and are cut");
            }
        }
    }

    // What was guessed or given as a share becomes part of the configuration.
    private FineTuneOptions Resolve(FineTuneOptions options, ExampleSet training) => options with
    {
        Training = request.WarmUp is { } warmUp ? options.Training.WithWarmUp(warmUp, training.Count) : options.Training,
        Data = request.Data.Task is not null ? options.Data : options.Data! with
        {
            TextColumn = training.Report.TextColumn,
            TextPairColumn = training.Report.TextPairColumn,
            LabelColumn = training.Report.LabelColumn,
            Kind = training.Kind,
        },
    };

    private void RequireSame(FineTuneOptions options)
    {
        if (request.Resumed is not { } before)
        {
            return;
        }

        // A model may have moved, and the run to another device; anything else would make another run of it.
        ResumedOptions.RequireSame(
            request.Folder,
            options with { ModelFolder = before.ModelFolder, ModelName = before.ModelName, Revision = before.Revision, Device = before.Device },
            before);
    }

    private TrainingResult Train(TextFineTuner tuner)
    {
        var resumes = request.Resumed is not null;
        var folder = resumes ? RunFolder.Open(request.Folder) : RunFolder.Create(request.Folder, request.Force);
        if (resumes && !folder.HasCheckpoint)
        {
            _screen.Note("The run was ended before its first checkpoint: it begins again.");
        }

        try
        {
            return tuner.Run(
                folder,
                resumes,
                [new FinetuneProgress(_screen), new RunCurve(folder, _screen), new RunSpectrum(folder, tuner.Adapters, _screen)],
                stop);
        }
        catch (IOException e) when (e is not FileNotFoundException && folder.HasCheckpoint)
        {
            Screen.ClearMovingLine();
            throw new IOException(
                $"{e.Message.TrimEnd('.')}. The last checkpoint is whole: make room, then '{Again()}' goes on from it.", e);
        }
    }

    private string Again() => $"lowrank finetune --resume --out {request.Folder}";

    private void Print(TrainingResult result, ExampleSet training, TextFineTuner tuner)
    {
        var count = tuner.Adapters.CountParameters();
        if (request.Json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new
            {
                request.Folder,
                Labels = training.Labels?.Names ?? [],
                Parameters = count,
                Result = result with { BestScores = [] },
                BestScores = result.BestScores.ToDictionary(),
            }));
            return;
        }

        _screen.Line(string.Create(
            CultureInfo.InvariantCulture, $"ended after step {result.Steps}, {Describe(result)}; the weights are those of step {result.KeptStep}"));
        if (result.BestScores.Count > 0)
        {
            _screen.Table(
                ["score on validation rows", "best"],
                result.BestScores.Select(score => new[] { score.Key, score.Value.ToString("0.0000", CultureInfo.InvariantCulture) }));
        }

        _screen.Line(count.ToString());
        _screen.Line(result.Throughput.ToString());
        _screen.Line($"run: {request.Folder} (README.md says what is in it)");
        _screen.Line(result.Reason switch
        {
            StopReason.Cancelled => $"Stopped and saved. '{Again()}' goes on from here.",
            StopReason.LossNotFinite or StopReason.GradientNotFinite =>
                "Try a lower --learning-rate, or a longer --warm-up; the weights kept are the last good ones.",
            _ when tuner.Options.Generator is not null => $"next: lowrank generate {request.Folder} --text \"...\"",
            _ => $"next: lowrank predict {request.Folder} --text \"...\"{(training.Report.TextPairColumn is null ? "" : " --text-pair \"...\"")}",
        });
    }

    private static string Describe(TrainingResult result) => result.Reason switch
    {
        StopReason.Completed => "all steps taken",
        StopReason.NoImprovement => $"{result.MainScore} no longer improving",
        StopReason.Cancelled => "stopped from outside",
        StopReason.LossNotFinite => "the loss became NaN or infinite",
        _ => "the gradient became NaN or infinite",
    };
}
