using LowRank.Adapters;
using LowRank.Cli.Commands;
using LowRank.Cli.Plots;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using TorchSharp;

namespace LowRank.Cli.Demos;

/// <summary>A few labelled rows teach the built-in BERT a task: by its head alone, by LoRA, and by Deep LoRA.</summary>
/// <param name="stage">Where results go.</param>
/// <param name="task">What is learned.</param>
internal sealed class DemoFewShot(DemoStage stage, DemoTask task)
{
    private const int Examples = 5;
    private const int LongestExample = 90;
    private const int TrainingPool = 1200;

    private static readonly (string Name, AdapterOptions Adapter)[] Methods =
    [
        ("head-only", new HeadOnlyOptions()), ("lora", new LoraOptions()), ("deep-lora", new DeepLoraOptions()),
    ];

    private string TrainingFile => stage.In($"{task.Name}-train.csv");

    private string ValidationFile => stage.In($"{task.Name}-validation.csv");

    private FineTuneData Data => new()
    {
        TrainingFile = Path.GetFullPath(TrainingFile),
        ValidationFile = Path.GetFullPath(ValidationFile),
        FewShot = task.FewShot,
        Samples = task.Samples,
    };

    private string TestFile => stage.In($"{task.Name}-test.csv");

    public void Run()
    {
        stage.Begin(task.Heading, task.Explanation);
        torch.set_num_threads(Math.Max(1, stage.Threads)); // for a model this small one thread is fastest
        _ = SampleTown.Write(task.Name, stage.In(""), TrainingPool, stage.Seed.For(task.Name));
        var outcomes = Methods.Select(method => DemoTraining.Run(stage, Data, task.Model, TestFile, RunOf(method.Name), method.Adapter)).ToList();
        var score = outcomes[0].Result.MainScore;
        stage.Show(new(
            $"{task.Rows}, {outcomes[0].TestRows} test rows said in other ways than any training row",
            ["method", "trained numbers", "steps", "seconds", $"validation {score}", $"test {score}"],
            [.. outcomes.Select(outcome => outcome.Cells())]));
        var stem = $"{task.Name}-scores";
        LearningCurvePlot.Write(
            stage.In(stem), task.Heading, "steps", $"validation {score}", false,
            [.. outcomes.Select(outcome => new PlotCurve(outcome.Method, outcome.Curve))]);
        stage.Figure(stem, $"The {score} on validation rows while training goes on; the best step of each is kept.");
        ShowPredictions();
        stage.Report.Paragraph("Go on from here:").Commands(
            $"lowrank predict {RunOf("deep-lora")} {task.ExampleQuery}",
            $"lowrank inspect {RunOf("deep-lora")}",
            $"lowrank export {RunOf("deep-lora")} --out {task.Name}-peft",
            $"lowrank finetune {TrainingFile} --model {task.Model} {task.RowsOption} --adapter deep-lora --out {task.Name}-run");
        stage.Keep(task.Name, outcomes.Select(outcome => outcome.Figures()));
    }

    private string RunOf(string method) => stage.In($"{task.Name}-{method}");

    private void ShowPredictions()
    {
        using var model = TextClassifier.Load(RunOf("deep-lora"));
        var rows = ExampleReader.Read(TestFile).Examples.Take(Examples).ToList();
        var labels = ExampleReader.Read(TestFile).Labels?.Names;
        stage.Report.Table(new(
            "The first test rows, and what the Deep LoRA run says of them",
            ["text", "label", "prediction"],
            [.. rows.Zip(model.Predict(rows), (row, said) => (string[])
            [
                Short(row.TextPair is null ? row.Text : $"{row.Text} / {row.TextPair}"),
                labels?[row.ClassIndex] ?? DemoStage.Number(row.Target ?? double.NaN, "0.0"),
                said.Label ?? DemoStage.Number(said.Score, "0.0"),
            ])],
            LeftAligned: 3));
    }

    private static string Short(string text) => text.Length <= 2 * LongestExample ? text : $"{text[..(2 * LongestExample)]}...";
}
