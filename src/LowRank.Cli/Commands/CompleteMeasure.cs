using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>Fits on several splits of the data and reports mean and deviation of the errors.</summary>
internal sealed class CompleteMeasure(CompleteRequest request, CancellationToken stop)
{
    private readonly Screen _screen = new(request.Json);

    public int Run()
    {
        var data = RatingsReader.Read(request.File, request.Input, stop);
        _screen.Note(data.Report.ToSummary());
        var results = new List<SplitResult>();
        foreach (var (name, split, options) in Splits(data.Observed))
        {
            var model = new MatrixCompletion(options).Fit(split.Train, stop: stop);
            stop.ThrowIfCancellationRequested();
            var result = new SplitResult(name, model.Score(split.HeldOut), model.Report.Steps, model.Report.Seconds);
            results.Add(result);
            _screen.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: RMSE {result.Test.Rmse:0.0000}, MAE {result.Test.Mae:0.0000}, {result.Steps} steps, {result.Seconds:0.00} s"));
        }

        Print(results);
        return ExitCode.Success;
    }

    private IEnumerable<(string Name, ObservedSplit Split, MatrixCompletionOptions Options)> Splits(ObservedMatrix data)
    {
        if (request.Folds is { } folds)
        {
            var fold = 0;
            foreach (var split in data.Folds(folds, Seed.From(request.Seed)))
            {
                yield return ($"fold {++fold}", split, request.Model);
            }

            yield break;
        }

        for (var seed = request.Seed; seed < request.Seed + request.Repeat; seed++)
        {
            yield return (
                $"seed {seed}",
                data.Split(Seed.From(seed), request.HoldOut!.Value),
                request.Model with { Seed = Seed.From(seed) });
        }
    }

    private void Print(List<SplitResult> results)
    {
        var (rmse, rmseDeviation) = Moments(results.Select(result => result.Test.Rmse));
        var (mae, maeDeviation) = Moments(results.Select(result => result.Test.Mae));
        if (request.Json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new
            {
                request.File,
                Options = request.Model,
                Rmse = rmse,
                RmseDeviation = rmseDeviation,
                Mae = mae,
                MaeDeviation = maeDeviation,
                Splits = results,
            }));
            return;
        }

        static string Number(double x) => x.ToString("0.0000", CultureInfo.InvariantCulture);
        _screen.Table(
            ["split", "RMSE", "MAE", "entries", "steps", "seconds"],
            results.Select(result => new[]
            {
                result.Name, Number(result.Test.Rmse), Number(result.Test.Mae), $"{result.Test.Count}", $"{result.Steps}",
                result.Seconds.ToString("0.00", CultureInfo.InvariantCulture),
            }).Append(["mean", Number(rmse), Number(mae), "", "", ""])
              .Append(["deviation", Number(rmseDeviation), Number(maeDeviation), "", "", ""]));
    }

    // Mean and sample standard deviation.
    private static (double Mean, double Deviation) Moments(IEnumerable<double> values)
    {
        var list = values.ToArray();
        var mean = list.Average();
        return (mean, list.Length < 2 ? 0 : Math.Sqrt(list.Sum(x => (x - mean) * (x - mean)) / (list.Length - 1)));
    }

    private sealed record SplitResult(string Name, CompletionScore Test, int Steps, double Seconds);
}
