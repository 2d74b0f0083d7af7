using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;

namespace LowRank.FineTuning.Tests.Data;

public sealed class GlueTaskTests
{
    [Theory]
    [InlineData("sst2")]
    [InlineData("SST-2")]
    [InlineData("Sst2")]
    public void Find_Name_IsTheTask(string name) => Assert.Same(GlueTask.Sst2, GlueTask.Find(name));

    [Fact]
    public void Find_UnknownName_ListsThoseThereAre()
    {
        var fault = Assert.Throws<ArgumentException>(() => GlueTask.Find("boolq"));

        Assert.Contains("cola, sst2, mrpc, stsb, qqp, mnli, qnli, rte, wnli", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cola", "sentence", null, "1", "acceptable", 1)]
    [InlineData("sst2", "sentence", null, "0", "negative", 0)]
    [InlineData("mrpc", "sentence1", "sentence2", "1", "equivalent", 1)]
    [InlineData("qqp", "question1", "question2", "1", "duplicate", 1)]
    [InlineData("mnli", "premise", "hypothesis", "2", "contradiction", 2)]
    [InlineData("qnli", "question", "sentence", "0", "entailment", 0)]
    [InlineData("rte", "sentence1", "sentence2", "1", "not_entailment", 1)]
    [InlineData("wnli", "sentence1", "sentence2", "1", "entailment", 1)]
    public void Read_HuggingFaceLayout_IsKnown(
        string name, string text, string? pair, string label, string labelName, int target)
    {
        var task = GlueTask.Find(name);
        var second = pair is null ? "" : $"\"{pair}\":\"b\",";
        var set = Read(task, DataFormat.JsonLines,
            $"{{\"{text}\":\"a\",{second}\"label\":{label},\"idx\":0}}\n"
            + $"{{\"{text}\":\"a\",{second}\"label\":\"{labelName}\",\"idx\":1}}\n"
            + $"{{\"{text}\":\"a\",{second}\"label\":-1,\"idx\":2}}\n");

        Assert.Equal(Enumerable.Repeat(new Example("a", pair is null ? null : "b", target), 2), set.Examples);
        Assert.Equal("1 without a label", Dropped(set));
        Assert.Same(task.Labels, set.Labels);
    }

    [Theory]
    [InlineData("sst2", "sentence\tlabel", "a\t1", "a", null, 1)]
    [InlineData("mrpc", "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", "1\t70\t71\ta\tb", "a", "b", 1)]
    [InlineData("stsb", "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore",
        "0\tx\ty\t2012\t1\tn\tn\ta\tb\t3.8", "a", "b", 3.8)]
    [InlineData("qqp", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "1\t2\t3\ta\tb\t0", "a", "b", 0)]
    [InlineData("mnli", "index\tpromptID\tpairID\tgenre\tsentence1\tsentence2\tlabel1\tgold_label",
        "0\t1\t2\tg\ta\tb\tneutral\tneutral", "a", "b", 1)]
    [InlineData("qnli", "index\tquestion\tsentence\tlabel", "0\ta\tb\tnot_entailment", "a", "b", 1)]
    [InlineData("rte", "index\tsentence1\tsentence2\tlabel", "0\ta\tb\tentailment", "a", "b", 0)]
    [InlineData("wnli", "index\tsentence1\tsentence2\tlabel", "0\ta\tb\t1", "a", "b", 1)]
    public void Read_OriginalLayout_IsKnown(
        string name, string header, string row, string text, string? pair, double target)
    {
        var set = Read(GlueTask.Find(name), DataFormat.Tsv, $"{header}\n{row}\n");

        Assert.Equal(new Example(text, pair, target), Assert.Single(set.Examples));
    }

    [Fact]
    public void Read_ColaWithoutHeader_IsKnown()
    {
        var set = Read(GlueTask.Cola, DataFormat.Tsv,
            "gj04\t1\t\tThe sailors rode the breeze.\nc-05\t0\t*\tThey drank.\n");

        Assert.Equal([new("The sailors rode the breeze.", null, 1), new Example("They drank.", null, 0)], set.Examples);
    }

    [Fact]
    public void Read_RowsOfSnliWithEachAnnotator_TakesTheAgreedLabel()
    {
        const string Header = "index\tsentence1\tsentence2\tlabel1\tgold_label\n";
        var set = Read(null, DataFormat.Tsv, Header
            + "0\ta\tb\tneutral\tneutral\n"
            + "1\tc\td\tneutral\tentailment\tentailment\tneutral\tentailment\tentailment\n"
            + "2\te\tf\tneutral\t-\n");

        Assert.Equal([1, 0], set.ClassIndices());
        Assert.Equal("1 without a label", Dropped(set));
        Assert.Contains("1 rows have more fields than the header; their gold_label is the last", set.Report.Notes);
    }

    [Fact]
    public void Read_ShortRowsOfATask_AreDropped()
    {
        var set = Read(GlueTask.Qqp, DataFormat.Tsv,
            "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\ta\tb\t0\n4\t5\t6\tbroken\n");

        Assert.Equal(2, set.Report.Rows);
        Assert.Equal("1 with fewer fields than the header", Dropped(set));
    }

    [Fact]
    public void Read_TaskInAnotherLayout_GuessesItsColumns()
    {
        var set = Read(GlueTask.Qnli, DataFormat.Json,
            "{\"0\":{\"text_a\":\"a\",\"text_b\":\"b\",\"label\":\"entailment\"}}");

        Assert.Equal(new Example("a", "b", 0), Assert.Single(set.Examples));
        Assert.Contains("guessed the text pair: 'text_a' and 'text_b'", set.Report.Notes);
    }

    [Fact]
    public void Read_TaskWithoutLabels_PredictsForItsTestFile()
    {
        var text = new StringReader("index\tsentence1\tsentence2\n0\ta\tb\n");

        Assert.Equal(new Example("a", "b"), Assert.Single(
            ExampleReader.ReadTexts(text, "test.tsv", DataFormat.Tsv, new() { Task = GlueTask.Rte })));
    }

    [Fact]
    public void Read_OnlyUnlabelledRows_PointsToTheValidationFile()
    {
        var fault = Assert.Throws<InvalidDataException>(() =>
            Read(GlueTask.Rte, DataFormat.JsonLines, "{\"sentence1\":\"a\",\"sentence2\":\"b\",\"label\":-1}\n"));

        Assert.Contains("take the validation file", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_AreNineWithTheBenchmarksMetricsAndE2e()
    {
        Assert.Equal(10, GlueTask.All.Count);
        Assert.Equal(LabelKind.Texts, GlueTask.E2e.Kind);
        Assert.Equal(Metric.Matthews, GlueTask.Cola.Metrics[0]);
        Assert.Equal(Metric.Pearson, GlueTask.Stsb.Metrics[0]);
        Assert.Equal(LabelKind.Numbers, GlueTask.Stsb.Kind);
        Assert.Null(GlueTask.Stsb.Labels);
        Assert.Equal(3, GlueTask.Mnli.Labels!.Count);
        Assert.Contains(Metric.F1, GlueTask.Mrpc.Metrics);
        Assert.Contains(Metric.F1, GlueTask.Qqp.Metrics);
    }

    [Fact]
    public void Files_OfATask_AreThoseOfTheHub()
    {
        Assert.Equal("nyu-mll/glue", GlueTask.Dataset);
        Assert.Equal("rte/train-00000-of-00001.parquet", GlueTask.Rte.TrainingFile);
        Assert.Equal("rte/validation-00000-of-00001.parquet", GlueTask.Rte.ValidationFile);
        Assert.Equal("mnli/validation_matched-00000-of-00001.parquet", GlueTask.Mnli.ValidationFile);
    }

    private static string Dropped(ExampleSet set)
    {
        var dropped = Assert.Single(set.Report.Dropped);
        return $"{dropped.Count} {dropped.Reason}";
    }

    private static ExampleSet Read(GlueTask? task, DataFormat format, string text) =>
        ExampleReader.Read(new StringReader(text), "glue", format, new() { Task = task });
}
