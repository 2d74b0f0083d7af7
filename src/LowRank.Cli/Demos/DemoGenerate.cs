using LowRank.Adapters;
using LowRank.Cli.Commands;
using LowRank.Cli.Plots;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using TorchSharp;

namespace LowRank.Cli.Demos;

/// <summary>A few hundred lists of facts teach the built-in T5 to tell facts in a sentence.</summary>
/// <param name="stage">Where results go.</param>
internal sealed class DemoGenerate(DemoStage stage)
{
    private const string Model = "mini-t5";
    private const int TrainingRows = 480;
    private const int Examples = 6;
    private const int Beams = 4;

    private static readonly (string Name, AdapterOptions Adapter)[] Methods = [("lora", new LoraOptions()), ("deep-lora", new DeepLoraOptions())];

    private string TestFile => stage.In("facts-test.csv");

    public void Run()
    {
        stage.Begin(
            "From facts to a sentence",
            $"The built-in T5 has read about the same town and can fill gaps in a text. {TrainingRows} rows of facts with a sentence "
                + "teach it to write: a list of facts in, a sentence out. The test lists are not among them.");
        torch.set_num_threads(Math.Max(1, stage.Threads)); // for a model this small one thread is fastest
        _ = SampleTown.Write("facts", stage.In(""), TrainingRows, stage.Seed.For("facts"));
        var data = new FineTuneData
        {
            TrainingFile = Path.GetFullPath(stage.In("facts-train.csv")),
            ValidationFile = Path.GetFullPath(stage.In("facts-validation.csv")),
            Kind = LabelKind.Texts,
        };
        var outcomes = Methods.Select(method => DemoTraining.Run(stage, data, Model, TestFile, RunOf(method.Name), method.Adapter)).ToList();
        var score = outcomes[0].Result.MainScore;
        stage.Show(new(
            $"{TrainingRows} rows of facts, {outcomes[0].TestRows} rows to test; the {score} is that of a token, lower is better",
            ["method", "trained numbers", "steps", "seconds", $"validation {score}", $"test {score}"],
            [.. outcomes.Select(outcome => outcome.Cells())]));
        const string Stem = "facts-loss";
        LearningCurvePlot.Write(
            stage.In(Stem), "From facts to a sentence", "steps", $"validation {score}", false,
            [.. outcomes.Select(outcome => new PlotCurve(outcome.Method, outcome.Curve))]);
        stage.Figure(Stem, $"The {score} on validation rows while training goes on; the best step of each is kept.");
        Write(data);
        stage.Report.Paragraph("Go on from here:").Commands(
            $"lowrank generate {RunOf("deep-lora")} --text \"{Sources(data)[0]}\" --beams {Beams}",
            $"lowrank evaluate {RunOf("deep-lora")} --data {TestFile}",
            $"lowrank merge {RunOf("deep-lora")} --out facts-t5");
        stage.Keep("facts", outcomes.Select(outcome => outcome.Figures()));
    }

    private string RunOf(string method) => stage.In($"facts-{method}");

    private void Write(FineTuneData data)
    {
        using var writer = TextGenerator.Load(RunOf("deep-lora"));
        var sources = Sources(data);
        var written = writer.Generate(sources, writer.Writing with { Beams = Beams }, cancellation: stage.Stop);
        stage.Show(new(
            "What the Deep LoRA run makes of facts that it has not seen",
            ["facts", "sentence"],
            [.. sources.Zip(written, (source, sentence) => (string[])[source, sentence])],
            LeftAligned: 2));
    }

    private List<string> Sources(FineTuneData data) =>
        [.. ExampleReader.Read(TestFile, data.ReaderOptions()).Examples.Select(example => example.Text).Distinct().Take(Examples)];
}
