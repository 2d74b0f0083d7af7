using LowRank.Experiments.Reproduction;
using LowRank.Experiments.Reproduction.Language;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Samples;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.Experiments.Tests.Reproduction.Language;

/// <summary>What sets the protocols apart, and what a run keeps.</summary>
public sealed class LanguageRunTests
{
    // Of mini-bert: 24 matrices of its layers, the pooler and the word table; [in, out] by rank 8, or full width.
    private const int Layers = (16 * (128 + 128)) + (8 * (128 + 512));
    private const int Pooler = 128 + 128;
    private const int Words = 2920 + 128;
    private const int Head = 129;

    private static readonly TextEncoder Encoder = TextEncoders.Load(BuiltInModel.Find("mini-bert")!, 2920);

    [Fact]
    public void PaperRows_AreDrawnWithReplacementFromThoseThatFit()
    {
        var task = Task("similarity");
        var (training, validation, test) = task.Draw(Protocol.Paper, 64, 3, Encoder, 40);
        Assert.Equal(64, training.Count);
        Assert.InRange(training.Examples.Distinct().Count(), 20, 55);
        Assert.Same(validation, test);
        Assert.True(test.Count < task.Any.Count, "some test rows are longer");
        Assert.All(training.Examples.Concat(test.Examples), row => Assert.InRange(Encoder.Encode(row.Text, row.TextPair).Ids.Length, 1, 40));
        Assert.Equal(training.Examples, task.Draw(Protocol.Paper, 64, 3, Encoder, 40).Training.Examples);
        Assert.NotEqual(training.Examples, task.Draw(Protocol.Paper, 64, 4, Encoder, 40).Training.Examples);
    }

    [Fact]
    public void FairRows_AreDifferentAndJudgedByRowsThatChooseNothing()
    {
        var (training, validation, test) = Task("intent").Draw(Protocol.Fair, 24, 3, Encoder, 40);
        Assert.Equal(24, training.Examples.Distinct().Count());
        Assert.All(training.Labels!.Names, (_, label) => Assert.Contains(training.Examples, row => row.ClassIndex == label));
        Assert.Empty(test.Examples.Intersect(validation.Examples.Concat(training.Examples)));
        Assert.Same(Task("intent").Any.Labels!.Names[0], test.Labels!.Names[0]);
    }

    [Fact]
    public void PaperTexts_HaveOneReferenceEach()
    {
        var task = Task("facts");
        var paper = task.Draw(Protocol.Paper, 16, 0, Encoder, 500).Test;
        Assert.Equal(paper.Count, ReferenceTexts.Of(paper.Examples).Sources.Count);
        Assert.True(ReferenceTexts.Of(task.Any.Examples).Sources.Count < task.Any.Count);
    }

    [Theory]
    [InlineData(Protocol.Paper, "lora", 8 * (Layers + Pooler + Words))]
    [InlineData(Protocol.Paper, "deep-lora-narrow", (8 * (Layers + Pooler + Words)) + (26 * 64))]
    [InlineData(Protocol.Paper, "deep-lora", (8 * (Layers + Pooler + Words)) + (26 * 3 * 64))]
    [InlineData(Protocol.Paper, "deep-lora-wide", (128 * (Layers + Pooler + Words)) + (26 * 128 * 128))]
    [InlineData(Protocol.Fair, "lora", (8 * (Layers + Pooler)) + Head)]
    public void TrainedNumbers_AreThoseOfTheProtocolsLayers(Protocol protocol, string method, int expected) =>
        Assert.Equal(expected, Run("fig6", protocol, method).Numbers["trained_numbers"]);

    [Fact]
    public void Subspaces_EndWhereTheyAreComparedWith()
    {
        var result = Run("fig2", Protocol.Paper, "deep-lora-wide");
        var (best, worst, spectra) = (result.Series["best_aligned"], result.Series["worst_aligned"], result.Series["spectra"]);
        Assert.Equal([0, 1, 10, 20, 30], best.Select(look => look[0]));
        Assert.All(best[^1].Skip(1).Concat(worst[^1].Skip(1)), cosine => Assert.Equal(1, cosine, 4));
        Assert.All(best.Zip(worst), look => Assert.All(look.First.Skip(1).Zip(look.Second.Skip(1)), pair => Assert.InRange(pair.Second, 0, pair.First)));
        Assert.Equal(24, spectra.Count);
        Assert.All(spectra, layer => Assert.Equal(layer.OrderDescending(), layer));
    }

    private static LanguageTask Task(string name) => LanguageTask.Find(name, new Dictionary<string, TaskFiles>(), ReproductionScale.Quick);

    private static CellResult Run(string target, Protocol protocol, string method) => TargetCatalogue.Find(target)
        .Cells(new() { Scale = ReproductionScale.Quick, Protocols = [protocol] })
        .First(cell => cell.Labels.Contains(("method", method)))
        .Run(new(1, "", _ => { }, null, torch.CPU, TestContext.Current.CancellationToken));
}
