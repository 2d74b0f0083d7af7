using System.Text.Json;
using LowRank.Testing;

namespace LowRank.Acceptance.Finetuning;

/// <summary>Fine-tuning a model that writes texts, by the real program, on a tiny random T5.</summary>
public sealed class GeneratorTests : IDisposable
{
    private static readonly string[] Training =
    [
        "finetune", "pairs.csv", "--model", "t5", "--task", "e2e", "--adapter", "deep-lora", "--target-modules", "all-dense",
        "--rank", "4", "--steps", "4", "--eval-every", "2",
    ];

    private static readonly string[] Short = ["--max-target-length", "8"];

    private readonly ScratchFolder _scratch = new();

    public GeneratorTests()
    {
        GoldenT5.CopyTo(_scratch["t5"]);
        File.WriteAllText(_scratch["pairs.csv"], Pairs());
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Run_FromPairsToAnImportedAdapter_WritesTheSameTexts()
    {
        var trained = Run([.. Training, .. Short, "--out", "run"]).Succeeds();
        Assert.Contains("1 without a source", trained.Error, StringComparison.Ordinal);
        Assert.Contains("next: lowrank generate run", trained.Output, StringComparison.Ordinal);
        var texts = Run("generate", "run", "--text", "w5 w7").Succeeds().Output;
        var evaluated = JsonDocument.Parse(
            Run("evaluate", "run", "--data", "pairs.csv", "--predictions", "texts.jsonl", "--json").Succeeds().Output).RootElement;
        Assert.Equal(10, evaluated.GetProperty("rows").GetInt32());
        var scores = evaluated.GetProperty("scores");
        Assert.True(scores.GetProperty("loss").GetDouble() > 0);
        Assert.InRange(scores.GetProperty("rougeL").GetDouble(), 0, 1);
        Assert.Equal(10, File.ReadAllLines(_scratch["texts.jsonl"]).Length);
        Run("merge", "run", "--out", "merged", "--verify").Succeeds();
        Run("export", "run", "--out", "adapter", "--verify").Succeeds();
        Assert.Contains("SEQ_2_SEQ_LM", File.ReadAllText(_scratch["adapter/adapter_config.json"]), StringComparison.Ordinal);
        Run("import", "adapter", "--model", "t5", "--out", "imported").Succeeds();
        foreach (var folder in new[] { "merged", "imported" })
        {
            Assert.Equal(texts, Run("generate", folder, "--text", "w5 w7", "--max-length", "8").Succeeds().Output);
        }

        Run("predict", "imported", "--input", "pairs.csv", "--out", "predicted.csv").Succeeds();
        Assert.Equal("row,text,truncated", File.ReadLines(_scratch["predicted.csv"]).First());
        var facts = Run("inspect", "run", "--json").Succeeds().Output;
        Assert.Contains("\"labels\": \"texts\"", facts, StringComparison.Ordinal);
    }

    [Fact]
    public void Finetune_Twice_GivesTheSameBytesAndResumes()
    {
        Run([.. Training, .. Short, "--out", "run"]).Succeeds();
        Run([.. Training, .. Short, "--out", "again"]).Succeeds();
        Assert.Equal(File.ReadAllBytes(_scratch["run/metrics.jsonl"]), File.ReadAllBytes(_scratch["again/metrics.jsonl"]));
        Run("finetune", "--resume", "--out", "run").Succeeds();
        Run("finetune", "pairs.csv", "--from", "run", "--steps", "2", "--out", "more").Succeeds();
        Run("finetune", "--resume", "--out", "run", "--prefix", "w3").Fails(2, "generator.prefix").InOneLine();
    }

    [Fact]
    public void Compare_OnPairs_MakesAReport()
    {
        Run(
            "compare", "pairs.csv", "--model", "t5", "--task", "e2e", "--methods", "lora,deep-lora", "--ranks", "2", "--samples", "4",
            "--learning-rates", "1x", "--seeds", "0-1", "--steps", "2", "--out", "compared").Succeeds();
        Assert.Contains("Scores are loss (lower is better)", File.ReadAllText(_scratch["compared/report.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Finetune_BadInput_SaysWhatInOneLine()
    {
        void Fails(string message, params string[] options) =>
            Assert.Contains(message, Run([.. Training, .. options]).Error.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Run([.. Training, "--max-target-length", "0"]).Fails(2, "--max-target-length: got 0; wanted at least 2");
        Fails("Beams: got 101", "--beams", "101", "--eval-texts");
        Fails("accuracy: these scores have", "--metric", "accuracy");
        File.WriteAllText(_scratch["t5/tokenizer.json"], WordTokenizer.Json(100, ends: false));
        Fails("does not put the model's end token");
        Run("finetune", "--task", "e2e", "--model", "t5").Fails(2, "its files are not fetched").InOneLine();
    }

    private static string Pairs()
    {
        var rows = Enumerable.Range(0, 10).SelectMany(row => Enumerable.Range(0, 1 + (row % 2))
            .Select(reference => $"w{row + 3} w{row + 20} w{40 + (row * 3 % 7)},w{row + 50} w{reference + 70}"));
        return $"mr,ref\n{string.Join('\n', rows)}\n,w5\n";
    }

    private CliResult Run(params string[] args) => CliProcess.In(_scratch.Path, "", args);
}
