using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank predict</c>: what a fine-tuned model says about texts.</summary>
internal static class PredictCommand
{
    private const int DefaultBatch = 64;

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A folder that 'lowrank finetune', 'merge' or 'import' wrote, or any model with its head, or a T5." };
        var text = new Option<string?>("--text") { Description = "One text to predict for.", HelpName = "TEXT" };
        var pair = new Option<string?>("--text-pair") { Description = "Its second text.", HelpName = "TEXT" };
        var input = new Option<string?>("--input")
        {
            Description = "Texts to predict for: CSV, TSV, JSON lines, JSON, Parquet, or .txt with a text per line; '-' reads standard input.",
            HelpName = "FILE",
        };
        var inputFormat = new Option<string?>("--input-format")
        {
            Description = "The form of the input. [default: by its name; of standard input: JSON lines if it begins with '{', else a text per line]",
            HelpName = "csv|tsv|jsonl|json|lines",
        };
        var textColumn = new Option<string?>("--text-column") { Description = "The column of the text. [default: the one of the run]", HelpName = "COLUMN" };
        var pairColumn = new Option<string?>("--text-pair-column") { Description = "The column of the second text.", HelpName = "COLUMN" };
        var output = new Option<string?>("--out") { Description = "Write there instead of to standard output; a name in .csv means CSV.", HelpName = "FILE" };
        var format = new Option<string?>("--format") { Description = "The form of the output. [default: jsonl]", HelpName = "jsonl|csv" };
        var logits = new Option<bool>("--logits") { Description = "jsonl: give the model's own outputs too, before they become probabilities." };
        var batch = new Option<int>("--batch-size") { Description = "Texts answered at a time; 1 answers each line at once.", DefaultValueFactory = _ => DefaultBatch, HelpName = "N" };
        var model = new Option<string?>("--model") { Description = "The base model's folder, when it is no longer where the run found it.", HelpName = "DIR" };
        var (threads, json, device) = (CommonOptions.Threads(), CommonOptions.Json(), new DeviceOption());
        inputFormat.AcceptOnlyFromAmong("csv", "tsv", "jsonl", "json", "lines");
        format.AcceptOnlyFromAmong("jsonl", "csv");
        var command = new Command("predict", "Predict labels with their probabilities, or numbers, for texts; or write texts.")
        {
            run, text, pair, input, inputFormat, textColumn, pairColumn, output, format, logits, batch, model, threads, json,
        };
        device.AddTo(command);
        command.With(
            "lowrank predict reviews-run --text \"A fine film.\"",
            "lowrank predict reviews-run --input new.csv --out predictions.csv",
            "tail -f messages.txt | lowrank predict reviews-run --input - --batch-size 1");
        command.SetAction((parsed, stop) =>
        {
            var (one, file, target) = (parsed.GetValue(text), parsed.GetValue(input), parsed.GetValue(output));
            if (one is null == file is null)
            {
                throw new UsageException("Give one of '--text TEXT' and '--input FILE'.");
            }

            var place = device.Open(parsed);
            if (parsed.GetValue(threads) > 0)
            {
                torch.set_num_threads(parsed.GetValue(threads));
            }

            var asked = parsed.GetValue(format) ?? (target?.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) == true ? "csv" : "jsonl");
            if (asked == "csv" && parsed.GetValue(logits))
            {
                throw new UsageException("--logits belongs to jsonl: leave it out, or the CSV format.");
            }

            OutputFolder.RequireWritableFile(target);
            using var tuned = FineTunedModel.Open(parsed.GetRequiredValue(run), parsed.GetValue(model), device: place);
            if (tuned is TextGenerator && (parsed.GetValue(logits) || parsed.GetValue(pair) is not null))
            {
                throw new UsageException("--logits and --text-pair belong to models that label texts; this one writes them: leave them out.");
            }

            if (one is not null && parsed.GetValue(format) is null && target is null && !parsed.GetValue(logits))
            {
                Show(tuned, one, parsed.GetValue(pair), parsed.GetValue(json));
                return Task.FromResult(ExitCode.Success);
            }

            var examples = one is not null
                ? [new(one, parsed.GetValue(pair))]
                : PredictionInput.Open(file!, parsed.GetValue(inputFormat), Columns(tuned, file!), parsed.GetValue(textColumn), parsed.GetValue(pairColumn));
            var size = parsed.GetValue(batch) is >= 1 and var rows ? rows : throw new UsageException("--batch-size: wanted 1 or more.");
            if (target is null)
            {
                using var console = new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n" };
                PredictionWriter.For(tuned, console, asked == "csv", parsed.GetValue(logits)).Write(examples, size, stop);
                return Task.FromResult(ExitCode.Success);
            }

            var count = 0;
            AtomicFile.Write(target, stream =>
            {
                using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
                count = PredictionWriter.For(tuned, writer, asked == "csv", parsed.GetValue(logits)).Write(examples, size, stop);
            });
            new Screen().Note($"{target}: {count} predictions");
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    // The run's columns; its model's kind says which to guess where it has none.
    private static FineTuneData Columns(FineTunedModel tuned, string file)
    {
        var data = tuned.Run?.Data ?? new() { TrainingFile = file };
        return tuned is TextGenerator ? data with { Kind = LabelKind.Texts } : data;
    }

    private static void Show(FineTunedModel tuned, string text, string? pair, bool json)
    {
        if (tuned is TextClassifier classifier)
        {
            LabelWriter.Show(classifier.Predict(text, pair), json);
            return;
        }

        var written = ((TextGenerator)tuned).Generate(text);
        Console.Out.WriteLine(json ? JsonOutput.Serialize(new { Text = written }) : written);
    }
}
