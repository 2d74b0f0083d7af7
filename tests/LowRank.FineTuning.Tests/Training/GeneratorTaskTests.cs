using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Tests.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Tests.Training;

public sealed class GeneratorTaskTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly T5ForConditionalGeneration _model;
    private readonly TextEncoder _encoder;

    public GeneratorTaskTests()
    {
        var folder = TinyT5.Write(_scratch["t5"]);
        (_model, _) = Pretrained.SequenceToSequence(folder);
        _encoder = TextEncoders.Load(folder);
    }

    public void Dispose()
    {
        _model.Dispose();
        _scratch.Dispose();
    }

    // The mean over target tokens: what stands beside a row changes neither its share nor its number.
    [Fact]
    public void Loss_OfABatch_IsTheMeanOverItsRowsTokens()
    {
        var rows = TinyT5.Pairs(9);
        var task = Task(rows, rows);
        var lengths = rows.Examples.Select(row => _encoder.Encode(row.TargetText!).Ids.Length).ToList();
        var alone = Enumerable.Range(0, rows.Count).Select(row => Value(task, row) * lengths[row]);
        Assert.Equal(alone.Sum() / lengths.Sum(), Value(task, [.. Enumerable.Range(0, rows.Count)]), 1e-5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Evaluate_WhateverTheBatches_GivesTheLossOfAllTokens(int batch)
    {
        var rows = TinyT5.Pairs(9);
        var task = Task(rows, rows, new() { EvaluationBatchSize = batch });
        Assert.Equal(Value(task, [.. Enumerable.Range(0, rows.Count)]), Assert.Single(task.Evaluate()).Value, 1e-5);
    }

    [Fact]
    public void Evaluate_ByWrittenTexts_HasTheirScoresBesideTheLoss()
    {
        var task = Task(TinyT5.Pairs(6), TinyT5.Pairs(6, seed: 2), new() { Metric = Metric.Bleu, Generator = new() { MaxTargetLength = 6 } });
        Assert.True(task.HigherIsBetter);
        Assert.Equal("loss", task.Evaluate()[0].Key);
        Assert.Contains(task.Evaluate(), score => score.Key == task.MainScore);
        Assert.False(Task(TinyT5.Pairs(6), TinyT5.Pairs(6)).HigherIsBetter);
    }

    [Fact]
    public void Loss_Smoothing_IsOfTrainingAlone()
    {
        var rows = TinyT5.Pairs(6);
        var (plain, smooth) = (Task(rows, rows), Task(rows, rows, new() { Generator = new() { LabelSmoothing = 0.2 } }));
        Assert.NotEqual(Value(plain, 0, 1), Value(smooth, 0, 1), 1e-3);
        Assert.Equal(plain.Evaluate()[0].Value, smooth.Evaluate()[0].Value);
    }

    [Fact]
    public void Fingerprint_OfOtherTargetsOrPrefix_Differs()
    {
        var rows = TinyT5.Pairs(6);
        var other = ExampleSet.Of([.. rows.Examples.Skip(1), rows.Examples[0] with { TargetText = "w3" }]);
        var seen = new[]
        {
            Task(rows, rows), Task(other, rows), Task(rows, other), Task(rows, rows, new() { Generator = new() { Prefix = "w3 " } }),
        };
        Assert.Equal(seen.Length, seen.Select(task => task.Fingerprint).Distinct().Count());
        Assert.Equal(seen[0].Fingerprint, Task(rows, rows).Fingerprint);
    }

    [Fact]
    public void LossAndEvaluate_LeaveNoTensorBehind()
    {
        var task = Task(TinyT5.Pairs(6), TinyT5.Pairs(6), new() { Generator = new() { WritesTexts = true, MaxTargetLength = 4, Beams = 2 } });
        LeakGate.Closed(() =>
        {
            using var scope = NewDisposeScope();
            task.Loss([0, 1, 2], Seed.From(1)).Loss.backward();
            _model.zero_grad();
            task.Evaluate();
        });
    }

    private GeneratorTask Task(ExampleSet training, ExampleSet validation, GeneratorTaskOptions? options = null) =>
        new(_model, _encoder, training, validation, options);

    private static double Value(GeneratorTask task, params int[] rows)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return task.Loss(rows, Seed.From(1)).Loss.ToDouble();
    }
}
