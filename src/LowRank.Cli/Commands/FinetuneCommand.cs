using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank finetune</c>: teaches a language model labels or numbers of texts, or to write texts.</summary>
internal static class FinetuneCommand
{
    public static Command Create()
    {
        var file = new Argument<string?>("file")
        {
            Description = "Texts with labels, or for T5 with target texts: CSV, TSV, JSON lines, JSON, Parquet; or a folder with train.* and validation.*.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var model = new Option<string?>("--model") { Description = "The base model: a folder, or an id of the Hugging Face Hub.", HelpName = "MODEL" };
        var revision = new Option<string?>("--revision") { Description = "The model's branch, tag or commit on the Hub.", HelpName = "REV" };
        var output = new Option<string?>("--out") { Description = "Folder for the run. [default: the data's name + '-run']", HelpName = "DIR" };
        var start = new Option<string?>("--from") { Description = "Go on from the adapter and head of another run, or of a PEFT folder, instead of a fresh one.", HelpName = "DIR" };
        var force = new Option<bool>("--force") { Description = "Replace a run that is there already." };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in --out, with its own options." };
        var config = new Option<string?>("--config") { Description = "Take the options of a config.json or of another run; the command line overrides.", HelpName = "FILE" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what was read, guessed and would be trained, with a tokenised example; train nothing." };
        var (data, adapter, training) = (new DataOptions(), new AdapterChoice(), new TrainingChoice());
        var (threads, json, device) = (CommonOptions.Threads(), CommonOptions.Json(), new DeviceOption());
        var command = new Command("finetune", "Fine-tune a language model on texts with labels, or with texts to write, with LoRA or Deep LoRA.")
        {
            file, model, revision, start, output, force, resume, config, dryRun,
        };
        data.AddTo(command);
        adapter.AddTo(command);
        training.AddTo(command);
        device.AddTo(command);
        command.Add(threads);
        command.Add(json);
        command.With(
            "lowrank finetune reviews.csv --model google-bert/bert-base-cased",
            "lowrank finetune reviews.csv --model google-bert/bert-base-cased --adapter deep-lora --few-shot 16 --dry-run",
            "lowrank finetune pairs.tsv --model bert/ --text question --text-pair answer --label score --out pairs-run",
            "lowrank finetune rte/ --task rte --model google-bert/bert-base-cased --target-modules query,value --no-train-head",
            "lowrank finetune restaurants.csv --model google-t5/t5-small --source mr --target ref --max-target-length 64",
            "lowrank finetune reviews.csv --model google-bert/bert-base-cased --device cuda",
            "lowrank finetune --resume --out reviews-run",
            "lowrank finetune more-reviews.csv --from reviews-run --out more-run",
            "lowrank finetune --config reviews-run --seed 1 --out reviews-seed-1");
        command.SetAction(async (parsed, stop) =>
        {
            var resumes = parsed.GetValue(resume);
            data.Validate(parsed);
            var from = From(resumes, parsed.GetValue(config), parsed.GetValue(output) ?? DefaultFolder(resumes ? parsed.GetValue(file) : null));
            if (parsed.GetValue(start) is { } earlier && !resumes)
            {
                from = StartChoice.Read(earlier, from);
            }

            var named = parsed.GetValue(model);
            var options = from ?? new() { ModelFolder = named ?? "" };
            var adapted = adapter.Read(parsed, options);
            StartChoice.RequireSame(options, adapted);
            options = training.Read(parsed, adapted) with
            {
                ModelFolder = named ?? (from?.ModelFolder is { Length: > 0 } known ? known : null) ?? throw new UsageException(
                    "--model is missing: give the folder of a BERT, RoBERTa, DistilBERT or T5 model, or its id on the Hugging Face Hub."),
                ModelName = named is null ? from?.ModelName : null,
                Device = device.Read(parsed, options.Device),
                From = resumes && parsed.GetValue(start) is { } other ? Path.GetFullPath(other) : options.From,
                Revision = parsed.GetValue(revision) ?? (named is null ? from?.Revision : null),
                Data = await data.ReadAsync(parsed, parsed.GetValue(file), from?.Data, new(parsed.GetValue(json)), stop)
                    .ConfigureAwait(false),
            };
            var request = new FinetuneRequest
            {
                Options = WithMetric(options),
                Resumed = resumes ? from : null,
                WarmUp = training.ReadWarmUp(parsed),
                Folder = parsed.GetValue(output) ?? FinetuneRequest.FolderFor(options.Data!.TrainingFile),
                Force = parsed.GetValue(force),
                DryRun = parsed.GetValue(dryRun),
                Threads = parsed.GetValue(threads),
                Json = parsed.GetValue(json),
            };
            request.Validate();
            return await new FinetuneRun(request, stop).RunAsync().ConfigureAwait(false);
        });
        return command;
    }

    private static string? DefaultFolder(string? file) =>
        file is null ? null : FinetuneRequest.FolderFor(DataFiles.Find(file, null).Training);

    private static FineTuneOptions? From(bool resume, string? config, string? folder)
    {
        if (!resume)
        {
            return config is null ? null
                : RunFolder.ReadOptions(Directory.Exists(config) ? Path.Combine(config, "config.json") : config);
        }

        if (config is not null)
        {
            throw new UsageException("--resume takes the run's own options: leave --config out.");
        }

        return RunFolder.Open(folder ?? throw new UsageException("--resume: say which run with --out DIR.")).ReadOptions();
    }

    /// <summary>The options with their task's own metric, where no other was asked for.</summary>
    public static FineTuneOptions WithMetric(FineTuneOptions options) =>
        options.Metric is null && options.Data?.Task is { } task
            ? options with { Metric = GlueTask.Find(task).Metrics[0].Name }
            : options;
}
