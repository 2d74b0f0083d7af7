using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using F = TorchSharp.torch.nn.functional;

namespace LowRank.Benchmarks;

/// <summary>
/// The usual ways, on the same weights: every hidden state padded, attention over the padded form; the update either
/// formed dense in each layer, whose gradient is then a dense matrix too, or added in factor form.
/// </summary>
internal sealed class PaddedStep : StepWay
{
    private const int Heads = 12;
    private readonly Dictionary<string, torch.nn.Module> _modules;
    private readonly Dictionary<string, (Parameter Up, Parameter Down)> _pairs = [];
    private readonly FlatAdamW _optimizer;
    private readonly int _length;
    private readonly bool _dense;
    private readonly double _dropout;
    private readonly int _layers;

    public PaddedStep(string name, SequenceClassifier model, int length, bool dense, int rank, double dropout)
    {
        Name = name;
        _modules = model.named_modules().ToDictionary(entry => entry.name, entry => entry.module);
        _length = length;
        _dense = dense;
        _dropout = dropout;
        _layers = model.Config.LayerCount;
        foreach (var (path, module) in _modules)
        {
            if (module is DenseLayer layer && !model.HeadLayers.Contains(path))
            {
                _pairs[path] = (
                    new Parameter(torch.zeros(layer.Weight.size(0), rank)),
                    new Parameter(torch.randn(rank, layer.Weight.size(1)) * 0.02));
            }
        }

        _optimizer = new([.. _pairs.SelectMany(pair => new AdapterParameter[]
        {
            new(pair.Key + ".up", pair.Value.Up, 1, IsHead: false),
            new(pair.Key + ".down", pair.Value.Down, 1, IsHead: false),
        })]);
    }

    public override string Name { get; }

    public override void Step(StepData data) => Train(data, _optimizer, () => Forward(data));

    public override void Dispose() => _optimizer.Dispose();

    private torch.Tensor Forward(StepData data)
    {
        var (rows, length) = (data.Ids.Length, _length > 0 ? _length : data.Longest);
        var ids = new long[rows * length];
        var mask = new float[rows * length];
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < length; i++)
            {
                var real = i < data.Ids[row].Length;
                ids[(row * length) + i] = real ? data.Ids[row][i] : 0;
                mask[(row * length) + i] = real ? 0 : -10000;
            }
        }

        var keyMask = torch.tensor(mask).view(rows, 1, 1, length);
        var x = Embedding("word_embeddings", torch.tensor(ids).view(rows, length))
            + Embedding("position_embeddings", torch.arange(length)).unsqueeze(0)
            + Embedding("token_type_embeddings", torch.zeros(rows, length, torch.int64));
        x = Drop(Norm("bert.embeddings.LayerNorm", x));
        for (var layer = 0; layer < _layers; layer++)
        {
            x = Layer($"bert.encoder.layer.{layer}.", x, keyMask);
        }

        var pooled = Drop(Linear("bert.pooler.dense", x.select(1, 0)).tanh());
        var classifier = (DenseLayer)_modules["classifier"];
        return F.linear(pooled, classifier.Weight, classifier.Bias);
    }

    private torch.Tensor Layer(string at, torch.Tensor x, torch.Tensor mask)
    {
        using var scope = torch.NewDisposeScope();
        var (rows, length, width) = (x.size(0), x.size(1), x.size(2));
        torch.Tensor Split(torch.Tensor state) =>
            state.view(rows, length, Heads, width / Heads).transpose(1, 2).reshape(rows * Heads, length, width / Heads);
        var q = Split(Linear(at + "attention.self.query", x)) / Math.Sqrt(width / Heads);
        var k = Split(Linear(at + "attention.self.key", x));
        var v = Split(Linear(at + "attention.self.value", x));
        var scores = q.bmm(k.transpose(1, 2)).view(rows, Heads, length, length) + mask;
        var p = Drop(F.softmax(scores, -1)).view(rows * Heads, length, length);
        var context = p.bmm(v).view(rows, Heads, length, width / Heads).transpose(1, 2).reshape(rows, length, width);
        var attended = Norm(
            at + "attention.output.LayerNorm", Drop(Linear(at + "attention.output.dense", context)) + x);
        var wide = F.gelu(Linear(at + "intermediate.dense", attended));
        return Norm(at + "output.LayerNorm", Drop(Linear(at + "output.dense", wide)) + attended)
            .MoveToOuterDisposeScope();
    }

    private torch.Tensor Linear(string path, torch.Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        var layer = (DenseLayer)_modules[path];
        var pair = _pairs[path];
        var output = _dense
            ? F.linear(x, layer.Weight + pair.Up.mm(pair.Down), layer.Bias)
            : F.linear(x, layer.Weight, layer.Bias) + (F.linear(F.linear(x, pair.Down), pair.Up) * 1.0);
        return output.MoveToOuterDisposeScope();
    }

    private torch.Tensor Norm(string path, torch.Tensor x)
    {
        var norm = (LayerNorm)_modules[path];
        return F.layer_norm(x, [x.size(-1)], norm.weight!, norm.bias!, 1e-12);
    }

    private torch.Tensor Embedding(string name, torch.Tensor ids) =>
        ((Embedding)_modules["bert.embeddings." + name]).call(ids);

    private torch.Tensor Drop(torch.Tensor x) => _dropout > 0 ? F.dropout(x, _dropout, training: true) : x;
}
