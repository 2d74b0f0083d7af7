using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Methods;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank compare</c>: which adapter method is better on given rows, and how sure is that?</summary>
internal static class CompareCommand
{
    private const int Steps = 200;
    private const int Evaluations = 20;

    public static Command Create()
    {
        var file = new Argument<string?>("file")
        {
            Description = "Texts with labels, or for T5 with target texts: CSV, TSV, JSON lines, JSON, Parquet; or a folder with train.* and validation.*.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var model = new Option<string?>("--model") { Description = "The base model: a folder, or an id of the Hugging Face Hub.", HelpName = "MODEL" };
        var revision = new Option<string?>("--revision") { Description = "The model's branch, tag or commit on the Hub.", HelpName = "REV" };
        var output = new Option<string?>("--out") { Description = "Folder for the results; runs that are there are not made again.", HelpName = "DIR" };
        var shard = new Option<string?>("--shard") { Description = "Make only the i-th of n equal parts of the runs, and no report.", HelpName = "i/n" };
        var baseline = Baseline();
        var dryRun = new Option<bool>("--dry-run") { Description = "Check everything and say how many runs there are; make none." };
        var (grid, data, adapter, training) = (new CompareGrid(), new DataOptions(), new AdapterChoice(), new TrainingChoice());
        var (threads, json, device) = (CommonOptions.Threads(), CommonOptions.Json(), new DeviceOption());
        var command = new Command(
            "compare", "Compare adapter methods fairly: same rows, many seeds, tuned learning rates, confidence intervals.")
        {
            file, model, output, CompareReportCommand.Create(),
        };
        grid.AddTo(command);
        command.Add(baseline);
        command.Add(shard);
        command.Add(dryRun);
        command.Add(revision);
        data.AddFilesTo(command);
        adapter.AddLayersTo(command);
        training.AddManyTo(command, Steps);
        device.AddTo(command);
        command.Add(threads);
        command.Add(json);
        command.With(
            "lowrank compare reviews.csv --model google-bert/bert-base-cased --methods lora,deep-lora --samples 16,64 --out reviews-compared",
            "lowrank compare reviews.csv --test reviews-test.csv --model bert/ --ranks 4,8,16 --learning-rates 0.0005,0.002 --seeds 0-19 --out compared",
            "lowrank compare reviews.csv --model bert/ --out part-3 --shard 3/8",
            "lowrank compare report part-1 part-2 part-3");
        command.SetAction(async (parsed, stop) =>
        {
            data.Validate(parsed);
            var common = new FineTuneOptions
            {
                ModelFolder = parsed.GetValue(model) ?? throw new UsageException(
                    "--model is missing: give the folder of a BERT, RoBERTa, DistilBERT or T5 model, or its id on the Hugging Face Hub."),
                Revision = parsed.GetValue(revision),
                Device = device.Read(parsed),
                Training = new() { Steps = Steps, Patience = 0 },
            };
            common = WithEvaluations(training.Read(parsed, adapter.Read(parsed, common)) with
            {
                Data = await data.ReadAsync(parsed, parsed.GetValue(file), null, new(parsed.GetValue(json)), stop).ConfigureAwait(false),
            });
            return await new CompareRun(
                new()
                {
                    Options = grid.Read(parsed, new()
                    {
                        Common = FinetuneCommand.WithMetric(common),
                        WarmUp = training.ReadWarmUp(parsed) ?? 0,
                    }),
                    Folder = parsed.GetValue(output) ?? throw new UsageException("--out is missing: name a folder for the results."),
                    Shard = parsed.GetValue(shard) is { } part ? Shard.Parse(part) : null,
                    Baseline = parsed.GetRequiredValue(baseline),
                    DryRun = parsed.GetValue(dryRun),
                    Threads = parsed.GetValue(threads),
                    Json = parsed.GetValue(json),
                },
                stop).RunAsync().ConfigureAwait(false);
        });
        return command;
    }

    public static Option<string> Baseline() => new("--baseline")
    {
        Description = "The method that the others are measured against.",
        DefaultValueFactory = _ => MethodCatalogue.Baseline,
        HelpName = "METHOD",
    };

    // With few rows an epoch is a step or two: scoring after each would cost more than training.
    private static FineTuneOptions WithEvaluations(FineTuneOptions options) =>
        options.Training is { EvaluateEvery: null, Steps: { } steps }
            ? options with { Training = options.Training with { EvaluateEvery = Math.Max(1, steps / Evaluations) } }
            : options;
}
