using System.CommandLine;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Runs;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank evaluate</c>: how well a fine-tuned model does on labelled rows.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A folder that 'lowrank finetune', 'merge' or 'import' wrote, or any model with its head." };
        var file = new Option<string>("--data") { Description = "Texts with labels to judge by, such as a test file.", HelpName = "FILE", Required = true };
        var model = new Option<string?>("--model") { Description = "The base model's folder, when it is no longer where the run found it.", HelpName = "DIR" };
        var (data, threads, json) = (new DataOptions(), CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("evaluate", "Score a fine-tuned model on labelled rows: metrics, each class, confusion matrix.") { run, file, model };
        data.AddReadingTo(command);
        command.Add(threads);
        command.Add(json);
        command.With("lowrank evaluate reviews-run --data reviews-test.csv", "lowrank evaluate reviews-run --data test.jsonl --text body --json");
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(threads) > 0)
            {
                torch.set_num_threads(parsed.GetValue(threads));
            }

            var path = parsed.GetRequiredValue(file);
            using var classifier = TextClassifier.Load(parsed.GetRequiredValue(run), parsed.GetValue(model));
            var labels = classifier.Labels;
            var columns = data.ReadColumns(parsed, (classifier.Run?.Data ?? new() { TrainingFile = path }) with
            {
                Kind = labels.Count == 0 ? LabelKind.Numbers : LabelKind.Classes,
            });
            var rows = ExampleReader.Read(path, columns.ReaderOptions(labels.Count == 0 ? null : new ClassLabels(labels)));
            var screen = new Screen(parsed.GetValue(json));
            screen.Note(rows.Report.ToString().TrimEnd());
            var scores = classifier.Evaluate(rows);
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonOutput.Serialize(Described(parsed.GetRequiredValue(run), path, scores)));
            }
            else
            {
                Print(screen, scores);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static object Described(string run, string data, EvaluationScores scores)
    {
        var classes = scores as ClassificationScores;
        return new
        {
            Run = run,
            Data = data,
            Rows = scores.Count,
            Scores = scores.Values,
            Classes = classes?.PerClass,
            Confusion = classes?.Confusion.ToRows(),
        };
    }

    private static void Print(Screen screen, EvaluationScores scores)
    {
        screen.Line($"{scores.Count} rows");
        screen.Table(["score", "value"], scores.Values.Select(score => new[] { score.Key, Number(score.Value) }));
        if (scores is not ClassificationScores classes)
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
