using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Data;

/// <summary>Rows with a source and a target text.</summary>
public sealed class SourceTargetTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("mr,ref", "mr", "ref")]
    [InlineData("id,target,source", "source", "target")]
    [InlineData("Input,Output,note", "Input", "Output")]
    [InlineData("meaning_representation,target,references", "meaning_representation", "target")]
    [InlineData("title,document,summary", "document", "summary")]
    [InlineData("question,answer", "question", "answer")]
    [InlineData("facts,sentence", "facts", "sentence")]
    public void Read_UsualNames_AreGuessedAndSaid(string header, string source, string target)
    {
        var rows = Read($"{header}\n{string.Join(',', header.Split(',').Select(name => $"a {name}"))}\n");
        Assert.Equal(LabelKind.Texts, rows.Kind);
        Assert.Equal(($"a {source}", $"a {target}"), (rows.Examples[0].Text, rows.Examples[0].TargetText));
        Assert.Equal([$"guessed the source: '{source}'", $"guessed the target: '{target}'"], rows.Report.Notes);
    }

    [Fact]
    public void Read_NamedColumns_AreTaken()
    {
        var rows = Read("a,b,c\n1,2,3\n", new() { TextColumn = "c", LabelColumn = "A" });
        Assert.Equal(("3", "1"), (rows.Examples[0].Text, rows.Examples[0].TargetText));
        Assert.Empty(rows.Report.Notes);
    }

    [Theory]
    [InlineData("a,b,c\n1,2,3\n", null, "no column is obviously the source; it has a, b, c. Name one of them as the source column")]
    [InlineData("a,b,c\n1,2,3\n", "a", "no column is obviously the target; it has a, b, c. Name one of them as the target column")]
    [InlineData("mr,ref\n1,2\n", "x", "no column 'x' for the source")]
    [InlineData("mr,ref\n,2\n1,\n", null, "none of 2 rows is left (1 without a source, 1 without a target)")]
    public void Read_WhatCannotBe_SaysWhat(string text, string? source, string message)
    {
        var fault = Assert.Throws<InvalidDataException>(() => Read(text, new() { TextColumn = source }));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EmptySourcesAndTargets_AreDroppedAndCounted()
    {
        var rows = Read("mr,ref\na,b\n  ,c\nd,\na,-1\n");
        Assert.Equal(["b", "-1"], rows.Examples.Select(row => row.TargetText));
        Assert.Equal(["without a source", "without a target"], rows.Report.Dropped.Select(dropped => dropped.Reason));
        Assert.Equal(1, rows.Report.Sources);
        Assert.Contains("columns: source 'mr', target 'ref'", rows.Report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rows.jsonl", "{\"mr\": \"a\", \"ref\": \"b, c\"}\n")]
    [InlineData("rows.json", "[{\"mr\": \"a\", \"ref\": \"b, c\"}]")]
    [InlineData("rows.tsv", "mr\tref\na\tb, c\n")]
    [InlineData("rows.csv", "mr,ref\na,\"b, c\"\n")]
    public void Read_EveryFormatOfE2e_GivesTheRow(string name, string text)
    {
        File.WriteAllText(_scratch[name], text);
        var rows = ExampleReader.Read(_scratch[name], new() { Task = GlueTask.Find("E2E") });
        Assert.Equal(new Example("a") { TargetText = "b, c" }, rows.Examples[0]);
    }

    [Fact]
    public void ReadTexts_FileWithoutTargets_GivesTheSources()
    {
        File.WriteAllText(_scratch["in.csv"], "mr\na\n");
        var rows = ExampleReader.ReadTexts(_scratch["in.csv"], new() { Task = GlueTask.E2e });
        Assert.Equal("a", Assert.Single(rows).Text);
        File.WriteAllText(_scratch["in.csv"], "ref,mr\nb,a\n");
        Assert.Equal("a", Assert.Single(ExampleReader.ReadTexts(_scratch["in.csv"], new() { Kind = LabelKind.Texts })).Text);
    }

    [Fact]
    public void Split_ReferencesOfASource_StayTogether()
    {
        var rows = ExampleSet.Of([.. Enumerable.Range(0, 60).Select(row => new Example($"s{row / 3}") { TargetText = $"t{row}" })]);
        for (var seed = 0; seed < 20; seed++)
        {
            var (training, validation) = rows.Split(0.2, Seed.From(seed));
            Assert.Empty(training.Examples.Select(row => row.Text).Intersect(validation.Examples.Select(row => row.Text)));
            Assert.Equal(12, validation.Count);
            Assert.Equal(rows.Examples, training.Examples.Concat(validation.Examples).OrderBy(row => int.Parse(row.TargetText![1..])));
        }
    }

    [Fact]
    public void Split_OneSource_IsRefused()
    {
        var rows = ExampleSet.Of([new("a") { TargetText = "b" }, new("a") { TargetText = "c" }]);
        Assert.Contains("same source", Assert.Throws<ArgumentException>(() => rows.Split(0.5, default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReferenceTexts_OfRows_AreGatheredInOrder()
    {
        var texts = ReferenceTexts.Of(
            [new("b") { TargetText = "1" }, new("a") { TargetText = "2" }, new("b") { TargetText = "3" }]);
        Assert.Equal(["b", "a"], texts.Sources);
        Assert.Equal<IReadOnlyList<string>>([["1", "3"], ["2"]], texts.References);
    }

    private static ExampleSet Read(string text, ExampleReaderOptions? options = null) =>
        ExampleReader.Read(new StringReader(text), "rows", DataFormat.Csv, (options ?? new()) with { Kind = LabelKind.Texts });
}
