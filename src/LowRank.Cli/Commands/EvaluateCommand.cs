using System.CommandLine;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Metrics.Generation;
using LowRank.FineTuning.Runs;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank evaluate</c>: how well a fine-tuned model does on labelled rows.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A folder that 'lowrank finetune', 'merge' or 'import' wrote, or any model with its head, or a T5." };
        var file = new Option<string>("--data") { Description = "Texts with labels to judge by, such as a test file.", HelpName = "FILE", Required = true };
        var model = new Option<string?>("--model") { Description = "The base model's folder, when it is no longer where the run found it.", HelpName = "DIR" };
        var predictions = new Option<string?>("--predictions") { Description = "Write what the model says about each row there too; a name in .csv means CSV.", HelpName = "FILE" };
        var beams = CommonOptions.Whole("--beams", "T5: how many continuations are followed; 1 is greedy. [default: the run's]");
        var length = CommonOptions.Whole("--max-target-length", "T5: the most tokens that are written. [default: the run's]");
        var wordNet = new Option<string?>("--wordnet")
        {
            Description = "T5: the folder 'dict' of WordNet 3.x, whose synonyms METEOR matches; without it none are.",
            HelpName = "DIR",
        };
        var (data, threads, json, device) = (new DataOptions(), CommonOptions.Threads(), CommonOptions.Json(), new DeviceOption());
        var command = new Command("evaluate", "Score a fine-tuned model on rows with labels or target texts: metrics, each class, confusion matrix; loss and texts.") { run, file, model, predictions, beams, length, wordNet };
        data.AddReadingTo(command);
        device.AddTo(command);
        command.Add(threads);
        command.Add(json);
        command.With("lowrank evaluate reviews-run --data reviews-test.csv", "lowrank evaluate reviews-run --data test.jsonl --text body --json",
            "lowrank evaluate restaurants-run --data testset_w_refs.csv --beams 4 --predictions texts.jsonl");
        command.SetAction((parsed, stop) =>
        {
            var place = device.Open(parsed);
            if (parsed.GetValue(threads) > 0)
            {
                torch.set_num_threads(parsed.GetValue(threads));
            }

            OutputFolder.RequireWritableFile(parsed.GetValue(predictions), "--predictions");
            var path = parsed.GetRequiredValue(file);
            var synonyms = parsed.GetValue(wordNet) is { } folder ? WordNet.Open(folder) : null;
            using var tuned = FineTunedModel.Open(parsed.GetRequiredValue(run), parsed.GetValue(model), device: place);
            var columns = data.ReadColumns(parsed, (tuned.Run?.Data ?? new() { TrainingFile = path }) with { Kind = KindOf(tuned) });
            var rows = ExampleReader.Read(path, columns.ReaderOptions(tuned.Labels.Count == 0 ? null : new ClassLabels(tuned.Labels)));
            var screen = new Screen(parsed.GetValue(json));
            screen.Note(rows.Report.ToString().TrimEnd());
            if (tuned is TextGenerator generator)
            {
                generator.Options = generator.Options with
                {
                    Beams = parsed.GetValue(beams) ?? generator.Options.Beams,
                    MaxTargetLength = parsed.GetValue(length) ?? generator.Options.MaxTargetLength,
                };
            }

            var judged = Judgement.Of(tuned, rows, parsed.GetValue(predictions), synonyms, stop);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonOutput.Serialize(Described(parsed.GetRequiredValue(run), path, judged)));
            }
            else
            {
                Print(screen, judged);
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static LabelKind KindOf(FineTunedModel tuned) => tuned is TextGenerator ? LabelKind.Texts
        : tuned.Labels.Count == 0 ? LabelKind.Numbers
        : LabelKind.Classes;

    private static object Described(string run, string data, Judgement judged)
    {
        var classes = judged.Scores as ClassificationScores;
        return new
        {
            Run = run,
            Data = data,
            Rows = judged.Scores.Count,
            Scores = judged.Values,
            Classes = classes?.PerClass,
            Confusion = classes?.Confusion.ToRows(),
        };
    }

    private static void Print(Screen screen, Judgement judged)
    {
        screen.Line($"{judged.Scores.Count} {judged.Unit}");
        screen.Table(["score", "value"], judged.Values.Select(score => new[] { score.Key, Number(score.Value) }));
        if (judged.Scores is not ClassificationScores classes)
        {
            return;
        }

        screen.Table(
            ["class", "precision", "recall", "f1", "rows", "predicted"],
            classes.PerClass.Select(one => new[]
            {
                one.Label, Number(one.Precision), Number(one.Recall), Number(one.F1), $"{one.Support}", $"{one.Predicted}",
            }));
        screen.Table(
            ["rows of class, taken for", .. classes.PerClass.Select(one => one.Label)],
            classes.Confusion.ToRows().Select((row, index) =>
                (string[])[classes.PerClass[index].Label, .. row.Select(count => count.ToString(CultureInfo.InvariantCulture))]));
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
