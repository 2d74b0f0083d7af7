using System.Globalization;
using LowRank.Acceptance.Finetuning;
using LowRank.Testing;

namespace LowRank.Acceptance;

/// <summary>The targets that fine-tune, with a model and files of one's own: what the paper's checkpoints go through too.</summary>
public sealed class LanguageReproductionTests : IDisposable
{
    // Columns and numbers of classes as in the files of the Hub; 1 for a number.
    private static readonly (string Task, string[] Columns, int Labels)[] Glue =
    [
        ("cola", ["sentence"], 2), ("mnli", ["premise", "hypothesis"], 3), ("mrpc", ["sentence1", "sentence2"], 2),
        ("qnli", ["question", "sentence"], 2), ("qqp", ["question1", "question2"], 2), ("rte", ["sentence1", "sentence2"], 2),
        ("sst2", ["sentence"], 2), ("stsb", ["sentence1", "sentence2"], 1),
    ];

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void EveryClassifyingTarget_WithAModelAndGlueOfOnesOwn_RunsThrough()
    {
        TinyModel.Write(_scratch["tiny"]);
        foreach (var (task, columns, labels) in Glue)
        {
            Directory.CreateDirectory(_scratch[$"glue/{task}"]);
            File.WriteAllText(_scratch[$"glue/{task}/train.jsonl"], Rows(columns, labels, 48, seed: 1));
            File.WriteAllText(_scratch[$"glue/{task}/validation{(task == "mnli" ? "_matched" : "")}.jsonl"], Rows(columns, labels, 24, seed: 2));
        }

        string[] targets = ["fig2", "fig6", "fig7", "fig8", "fig9", "table1"];
        var output = Run(["reproduce", .. targets, "--scale", "quick", "--model", "tiny", "--data", "glue", "--out", "out"]).Succeeds().Output;
        Assert.Contains("table1: Table 1, tiny, at a smaller scale", output, StringComparison.Ordinal);
        Assert.All(targets, target => Assert.True(File.Exists(_scratch[$"out/{target}-quick-tiny/{target}.svg"])));
        Assert.All(Glue, task => Assert.NotEmpty(Directory.GetFiles(_scratch["out/table1-quick-tiny/runs"], $"protocol-paper_task-{task.Task}_*")));
        Run("report", "out").Succeeds();
        var report = File.ReadAllText(_scratch["out/report.md"]);
        Assert.Contains("--model tiny", report, StringComparison.Ordinal);
        Assert.DoesNotContain(_scratch.Path, report, StringComparison.Ordinal);
        Assert.DoesNotContain("not made yet |", report[report.IndexOf("## fig2", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void WritingTarget_WithAModelAndE2eOfOnesOwn_RunsThrough()
    {
        GoldenT5.CopyTo(_scratch["tiny-t5"]);
        Directory.CreateDirectory(_scratch["e2e"]);
        File.WriteAllText(_scratch["e2e/trainset.csv"], Pairs(24));
        File.WriteAllText(_scratch["e2e/devset.csv"], Pairs(12));
        var output = Run("reproduce", "table2", "--scale", "quick", "--model", "tiny-t5", "--data", "e2e").Succeeds().Output;
        Assert.Contains("the paper's protocol, meteor: Deep LoRA, narrow less LoRA", output, StringComparison.Ordinal);
        Assert.Contains("Model tiny-t5", output, StringComparison.Ordinal);
    }

    [Fact]
    public void BuiltInModel_OnFilesOfOnesOwn_IsNamedWithItsTask()
    {
        Directory.CreateDirectory(_scratch["stsb"]);
        File.WriteAllText(_scratch["stsb/train.jsonl"], Rows(["sentence1", "sentence2"], 1, 32, seed: 1));
        File.WriteAllText(_scratch["stsb/validation.jsonl"], Rows(["sentence1", "sentence2"], 1, 16, seed: 2));
        var output = Run("reproduce", "fig6", "--scale", "quick", "--protocol", "fair", "--task", "stsb", "--data", "stsb").Succeeds().Output;
        Assert.Contains("the fair protocol, stsb, 16 rows: LoRA", output, StringComparison.Ordinal);
        Assert.DoesNotContain("protocol-paper", string.Concat(Directory.GetFiles(_scratch["reproduced/fig6-quick-mini-bert/runs"])), StringComparison.Ordinal);
    }

    [Fact]
    public void BadInput_IsOneLine()
    {
        Run("reproduce", "fig5", "--model", "mini-bert").Fails(2, "fig5 is about matrices").InOneLine();
        Run("reproduce", "fig6", "--task", "nonsense").Fails(2, "got 'nonsense'; wanted").InOneLine();
        Run("reproduce", "fig6", "--task", "facts").Fails(2, "got 'facts'; wanted a task whose answer is a label or a number").InOneLine();
        Run("reproduce", "table2", "--task", "similarity").Fails(2, "got 'similarity'; wanted a task whose answer is a text").InOneLine();
        Run("reproduce", "fig6", "--data", ".").Fails(2, "name others with --task").InOneLine();
        Run("reproduce", "fig6", "--task", "stsb", "--data", ".").Fails(4, "there is no train.csv").InOneLine();
        Run("reproduce", "fig6", "--protocol", "kind").Fails(2, "'kind'").InOneLine();
    }

    private static string Rows(string[] columns, int labels, int count, int seed)
    {
        var texts = TinyModel.Csv(columns.Length * count, seed).Split('\n')[1..].Select(line => line.Split(',')[0]).ToList();
        return string.Concat(Enumerable.Range(0, count).Select(row =>
        {
            var fields = columns.Select((column, at) => $"\"{column}\": \"{texts[(row * columns.Length) + at]}\"");
            var label = (labels == 1 ? row % 11 / 2.0 : row % labels).ToString(CultureInfo.InvariantCulture);
            return $"{{{string.Join(", ", fields)}, \"label\": {label}}}\n";
        }));
    }

    private static string Pairs(int count) =>
        $"mr,ref\n{string.Concat(Enumerable.Range(0, count).Select(row => $"w{row % 9} w{row % 5},w{row % 7} w{row % 3}\n"))}";

    private CliResult Run(params string[] arguments) => CliProcess.In(_scratch.Path, "", arguments);
}
