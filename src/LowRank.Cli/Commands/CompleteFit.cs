using System.Globalization;
using LowRank.Cli.Plots;
using LowRank.Cli.Terminal;
using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>Reads, fits, writes the model with its report and curve, and says what came out.</summary>
internal sealed class CompleteFit(CompleteRequest request, CancellationToken stop)
{
    private const string ModelFile = "model.json";
    private readonly Screen _screen = new(request.Json);

    public int Run()
    {
        CheckFolder();
        var data = RatingsReader.Read(request.File, request.Input, stop);
        _screen.Note(data.Report.ToSummary());
        foreach (var guess in data.Report.Guesses)
        {
            _screen.Note($"guessed: {guess}");
        }

        var (train, test) = Parts(data);
        var from = request.Resume ? CompletionModel.Load(request.Folder) : null;
        var progress = new StepProgress("fitting");
        var model = new MatrixCompletion(request.Model).Fit(
            train, from, new Relay(now => progress.Report(now.Step, now.StepLimit, Describe(now))), stop);
        Screen.ClearMovingLine();
        var score = test is null ? null : model.Score(test);
        Write(model, data.Report, score);
        Print(model, data.Report, score);
        return model.Report.StopReason switch
        {
            StopReason.Diverged => ExitCode.NoResult,
            StopReason.Cancelled => ExitCode.Cancelled,
            _ => ExitCode.Success,
        };
    }

    // Found out before the work, not after it.
    private void CheckFolder()
    {
        var exists = File.Exists(Path.Combine(request.Folder, ModelFile));
        if (request.Resume && !exists)
        {
            throw new FileNotFoundException($"{request.Folder}: there is no model to go on from; fit one without --resume first.");
        }

        if (exists && !request.Force && !request.Resume)
        {
            throw new UsageException($"{request.Folder}: a model is there already; add --force to replace it, or choose another --out.");
        }

        OutputFolder.RequireWritable(request.Folder);
    }

    private (ObservedMatrix Train, ObservedMatrix? Test) Parts(RatingsData data)
    {
        if (request.TestFile is { } file)
        {
            var test = RatingsReader.Read(file, request.Input with { Hide = 0, MaskPath = null }, stop);
            _screen.Note(test.Report.ToSummary());
            return (data.Observed, test.Observed);
        }

        if (request.HoldOut is { } share)
        {
            var split = data.Observed.Split(Seed.From(request.Seed), share);
            return (split.Train, split.HeldOut);
        }

        return (data.Observed, data.Hidden);
    }

    private void Write(CompletionModel model, ReadReport input, CompletionScore? score)
    {
        var folder = request.Folder;
        model.Save(folder);
        var report = new
        {
            LowRank = typeof(MatrixCompletion).Assembly.GetName().Version?.ToString(3),
            Dotnet = Environment.Version.ToString(),
            request.Seed,
            Input = input,
            Options = request.Model,
            Test = score,
            Fit = model.Report,
        };
        AtomicFile.WriteText(Path.Combine(folder, "report.json"), JsonOutput.Serialize(report) + "\n");
        var curve = model.Report.Curve;
        var train = new PlotCurve("entries learned from", [.. curve.Select(now => ((double)now.Step, now.TrainRmse))]);
        var validation = new PlotCurve(
            "validation entries", [.. curve.Where(now => now.ValidationRmse is not null).Select(now => ((double)now.Step, now.ValidationRmse!.Value))]);
        var logarithmic = curve.Count > 1 && curve[^1].TrainRmse < curve[0].TrainRmse / 100;
        LearningCurvePlot.Write(
            Path.Combine(folder, "curve"),
            $"Completion of {Path.GetFileName(request.File)}",
            model.Report.Method == "bayes" ? "sweeps" : "gradient steps",
            "root-mean-square error",
            logarithmic,
            validation.Points.Count > 0 ? [train, validation] : [train]);
        if (DenseFile(input) is { } dense)
        {
            DenseWriter.Write(Path.Combine(folder, dense), model);
        }

        AtomicFile.WriteText(Path.Combine(folder, "README.md"), $"""
            # A matrix completion

            Fitted by LowRank to `{Path.GetFileName(request.File)}`: {model.RowCount} rows, {model.ColumnCount} columns, {model.Report.Entries} entries.

            - `model.safetensors`, `model.json`: the model
            - `report.json`: input, options, errors, learning curve
            - `curve.png`, `curve.svg`: the learning curve

            Use it: `lowrank complete predict {folder} --top 10 --for ID`, or in C# `CompletionModel.Load("{folder}").Predict(rowId, columnId)`.

            """);
    }

    // Who gives a whole matrix wants a whole matrix back.
    private static string? DenseFile(ReadReport input) => input.Format switch
    {
        RatingsFormat.DenseText => "completed.csv",
        RatingsFormat.Npy => "completed.npy",
        RatingsFormat.Pgm or RatingsFormat.Png => "completed.pgm",
        _ => null,
    };

    private void Print(CompletionModel model, ReadReport input, CompletionScore? score)
    {
        var report = model.Report;
        if (request.Json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new { request.Folder, Test = score, Fit = report with { Curve = [] } }));
            return;
        }

        static string Score(CompletionScore s) => string.Create(
            CultureInfo.InvariantCulture, $"RMSE {s.Rmse:G4}, MAE {s.Mae:G4} on {s.Count} entries");
        _screen.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Method}: {Describe(report.StopReason)} after {report.Steps} {(report.Method == "bayes" ? "sweeps" : "steps")}, {Screen.Duration(report.Seconds)}, {report.Width} directions"));
        _screen.Line(string.Create(CultureInfo.InvariantCulture, $"learned from {report.Entries} entries: RMSE {report.TrainRmse:G4}"));
        if (report.Validation is { } validation)
        {
            _screen.Line($"validation: {Score(validation)}");
        }

        if (score is not null)
        {
            _screen.Line($"test: {Score(score)}");
        }

        _screen.Line($"model: {request.Folder} (model.safetensors, model.json, report.json, curve.png, curve.svg)");
        if (report.StopReason == StopReason.Cancelled)
        {
            _screen.Line("Stopped. The same command with --resume goes on from here.");
        }
        else if (report.StopReason == StopReason.Diverged)
        {
            _screen.Line("The descent diverged: the model is of no use. Choose a smaller --step-size or --gamma, or leave --step-size out.");
        }
        else if (DenseFile(input) is { } dense)
        {
            _screen.Line($"completed: {Path.Combine(request.Folder, dense)}");
        }
        else
        {
            var id = model.RowIds?[0] ?? "0";
            _screen.Line($"next: lowrank complete predict {request.Folder} --top 10 --for {id}");
        }
    }

    private static string Describe(CompletionProgress now) => string.Create(
        CultureInfo.InvariantCulture,
        $"RMSE {now.TrainRmse:G4}{(now.ValidationRmse is { } v ? $", validation {v:G4}" : "")}");

    private static string Describe(StopReason reason) => reason switch
    {
        StopReason.ToleranceReached => "converged",
        StopReason.EarlyStopped => "no longer improving",
        StopReason.StepLimit => "step limit",
        StopReason.Diverged => "diverged",
        _ => "stopped",
    };

    private sealed class Relay(Action<CompletionProgress> report) : IProgress<CompletionProgress>
    {
        public void Report(CompletionProgress value) => report(value);
    }
}
