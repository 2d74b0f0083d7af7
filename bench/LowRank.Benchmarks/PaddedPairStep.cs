using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Transformers.T5;
using TorchSharp;
using TorchSharp.Modules;
using F = TorchSharp.torch.nn.functional;

namespace LowRank.Benchmarks;

/// <summary>
/// The reference way, on the same weights: sources and targets padded to one length, attention and scores over the padded
/// form, the update of every layer formed dense in each step.
/// </summary>
internal sealed class PaddedPairStep : TimedStep<PairData>
{
    private const float Hidden = -1e9f;
    private const int Ignored = -100;
    private readonly T5Config _config;
    private readonly Dictionary<string, Parameter> _weights;
    private readonly Dictionary<string, (Parameter Up, Parameter Down)> _pairs = [];
    private readonly FlatAdamW _optimizer;
    private readonly int _length;
    private readonly double _dropout;

    public PaddedPairStep(string name, T5ForConditionalGeneration model, TargetSelector targets, int length, int rank, double dropout)
    {
        _dropout = dropout;
        Name = name;
        _config = model.Config;
        _length = length;
        _weights = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var layer in targets.Select(model))
        {
            var (rows, columns) = (layer.Weight.size(0), layer.Weight.size(1));
            _pairs[layer.Path] = (
                new Parameter(torch.zeros(rows, rank)), new Parameter(torch.randn(rank, columns) * 0.02));
        }

        _optimizer = new([.. _pairs.SelectMany(pair => new AdapterParameter[]
        {
            new(pair.Key + ".up", pair.Value.Up, 1, IsHead: false),
            new(pair.Key + ".down", pair.Value.Down, 1, IsHead: false),
        })]);
    }

    public override string Name { get; }

    public override void Step(PairData data)
    {
        using var scope = torch.NewDisposeScope();
        Loss(data).backward();
        _ = _optimizer.Step(1e-4, 1e-4);
    }

    public override void Dispose() => _optimizer.Dispose();

    /// <summary>The mean cross-entropy of the real target tokens; in the caller's scope.</summary>
    public torch.Tensor Loss(PairData data)
    {
        var table = Weight("shared");
        int[][] shifted = [.. data.Targets.Select(target => (int[])[_config.StartTokenId, .. target[..^1]])];
        var sourceMask = Mask(data.Sources);
        var source = Stack("encoder", Rows(table, data.Sources), sourceMask, null, null);
        var causal = torch.full(_length, _length, Hidden).triu(1);
        var hidden = Stack("decoder", Rows(table, shifted), Mask(shifted) + causal, source, sourceMask);
        var logits = F.linear(hidden.view(-1, _config.HiddenSize) * Math.Pow(_config.HiddenSize, -0.5), table);
        return F.cross_entropy(logits, torch.tensor(Padded(data.Targets, Ignored)), ignore_index: Ignored);
    }

    private torch.Tensor Stack(
        string name, torch.Tensor x, torch.Tensor mask, torch.Tensor? source, torch.Tensor? sourceMask)
    {
        var bias = Bias(name) + mask;
        x = Drop(x);
        var layers = source is null ? _config.EncoderLayerCount : _config.DecoderLayerCount;
        for (var layer = 0; layer < layers; layer++)
        {
            var at = $"{name}.block.{layer}.layer.";
            var normed = Norm($"{at}0", x);
            x = x + Drop(Attend($"{at}0.SelfAttention", normed, normed, bias));
            if (source is not null)
            {
                x = x + Drop(Attend($"{at}1.EncDecAttention", Norm($"{at}1", x), source, sourceMask!));
            }

            var last = source is null ? 1 : 2;
            var wide = F.relu(Linear($"{at}{last}.DenseReluDense.wi", Norm($"{at}{last}", x)));
            x = x + Drop(Linear($"{at}{last}.DenseReluDense.wo", Drop(wide)));
        }

        return Drop(Scaled(x, _weights[$"{name}.final_layer_norm.weight"]));
    }

    private torch.Tensor Attend(string at, torch.Tensor asking, torch.Tensor seen, torch.Tensor bias)
    {
        var (rows, heads, width) = (asking.size(0), _config.HeadCount, _config.HeadWidth);
        torch.Tensor Split(torch.Tensor state) =>
            state.view(rows, _length, heads, width).transpose(1, 2).reshape(rows * heads, _length, width);
        var (q, k, v) = (Split(Linear($"{at}.q", asking)), Split(Linear($"{at}.k", seen)), Split(Linear($"{at}.v", seen)));
        var scores = q.bmm(k.transpose(1, 2)).view(rows, heads, _length, _length) + bias;
        var context = Drop(F.softmax(scores, -1)).view(rows * heads, _length, _length).bmm(v);
        return Linear($"{at}.o", context.view(rows, heads, _length, width).transpose(1, 2).reshape(rows, _length, heads * width));
    }

    private torch.Tensor Drop(torch.Tensor x) => _dropout > 0 ? F.dropout(x, _dropout, training: true) : x;

    private torch.Tensor Linear(string path, torch.Tensor x) => F.linear(x, Weight(path));

    private torch.Tensor Weight(string path) => _weights[$"{path}.weight"] + _pairs[path].Up.mm(_pairs[path].Down);

    private torch.Tensor Norm(string layer, torch.Tensor x) => Scaled(x, _weights[$"{layer}.layer_norm.weight"]);

    private torch.Tensor Scaled(torch.Tensor x, torch.Tensor weight) =>
        x * (x.square().mean([-1], keepdim: true) + _config.LayerNormEpsilon).rsqrt() * weight;

    private torch.Tensor Rows(torch.Tensor table, int[][] texts) =>
        table.index_select(0, torch.tensor(Padded(texts, 0))).view(texts.Length, _length, _config.HiddenSize);

    private torch.Tensor Mask(int[][] texts) => torch
        .tensor(Padded([.. texts.Select(text => text.Select(_ => 1).ToArray())], 0))
        .view(texts.Length, 1, 1, _length)
        .eq(0)
        .to(torch.float32) * Hidden;

    private long[] Padded(int[][] texts, int filler) =>
        [.. texts.SelectMany(text => Enumerable.Range(0, _length).Select(i => (long)(i < text.Length ? text[i] : filler)))];

    // [1, heads, length, length]: a number for each head and bucket of distances.
    private torch.Tensor Bias(string stack)
    {
        var places = Enumerable.Range(0, _length).ToArray();
        var buckets = places.SelectMany(query => places.Select(key => (long)Bucket(key - query, stack == "encoder"))).ToArray();
        return _weights[$"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
            .index_select(0, torch.tensor(buckets))
            .view(_length, _length, _config.HeadCount)
            .permute(2, 0, 1)
            .unsqueeze(0);
    }

    private int Bucket(int distance, bool bothWays)
    {
        var count = bothWays ? _config.BucketCount / 2 : _config.BucketCount;
        var away = bothWays ? Math.Abs(distance) : Math.Max(0, -distance);
        var exact = count / 2;
        var share = Math.Log((double)Math.Max(1, away) / exact) / Math.Log((double)_config.FarthestDistance / exact);
        return (bothWays && distance > 0 ? count : 0)
            + (away < exact ? away : Math.Min(exact + (int)(share * (count - exact)), count - 1));
    }
}
