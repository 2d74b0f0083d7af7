using System.Text.Json;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tests.Encoders;

namespace LowRank.Transformers.Tests.T5;

/// <summary>A tiny golden T5: its model, its inputs without padding, its expected values.</summary>
internal sealed class GoldenT5 : IDisposable
{
    public static readonly string[] Names = ["t5-relu", "t5-v1_1-gated-gelu"];

    private readonly JsonElement _golden;

    private GoldenT5(string name)
    {
        var folder = GoldenModel.Folder(name);
        _golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "golden.json"))).RootElement;
        (Model, _) = Pretrained.SequenceToSequence(folder);
        var mask = _golden.GetProperty("attention_mask").EnumerateArray().Select(Numbers).ToArray();
        Sources = [.. _golden.GetProperty("input_ids").EnumerateArray()
            .Select((row, i) => Numbers(row).Where((_, j) => mask[i][j] == 1).ToArray())];
        Targets = [.. _golden.GetProperty("labels").EnumerateArray()
            .Select(row => Numbers(row).Where(id => id >= 0).ToArray())];
    }

    public T5ForConditionalGeneration Model { get; }

    /// <summary>The real tokens of each source.</summary>
    public int[][] Sources { get; }

    /// <summary>The labels that count.</summary>
    public int[][] Targets { get; }

    public double Loss => _golden.GetProperty("loss").GetDouble();

    public Dictionary<string, double> GradientNorms => _golden.GetProperty("gradient_frobenius_norm_of_loss")
        .EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetDouble());

    public static GoldenT5 Open(string name) => new(name);

    public SourceTargetBatch Batch(Seed? dropout = null) =>
        SourceTargetBatch.Create(Sources, Targets, Model.Config.StartTokenId, dropout: dropout);

    /// <summary>The golden logits of the target tokens that count, row after row.</summary>
    public double[][] Logits() => Rows("logits", Targets);

    /// <summary>The golden encoder states of the real tokens, row after row.</summary>
    public double[][] EncoderStates() => Rows("encoder_last_hidden_state", Sources);

    /// <summary>Generated sequences, start token included.</summary>
    public int[][] Generated(string key) => [.. _golden.GetProperty(key).EnumerateArray().Select(Numbers)];

    public void Dispose() => Model.Dispose();

    private static int[] Numbers(JsonElement row) => [.. row.EnumerateArray().Select(value => value.GetInt32())];

    private double[][] Rows(string key, int[][] texts) =>
        [.. _golden.GetProperty(key).EnumerateArray().SelectMany((text, i) => text.EnumerateArray()
            .Take(texts[i].Length)
            .Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray()))];
}
