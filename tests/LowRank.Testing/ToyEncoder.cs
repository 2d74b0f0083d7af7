using LowRank.Tensors;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LowRank.Testing;

/// <summary>A few layers with a transformer's names: ids in, logits out. Small enough for thousands of runs.</summary>
public sealed class ToyEncoder : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "embeddings")]
    private readonly Embedding _embeddings;

    [ComponentName(Name = "query")]
    private readonly Linear _query;

    [ComponentName(Name = "dense")]
    private readonly Linear _dense;

    [ComponentName(Name = "classifier")]
    private readonly Linear _classifier;

    public ToyEncoder(Seed seed, ScalarType dtype = ScalarType.Float32, int labels = 3)
        : base(nameof(ToyEncoder))
    {
        _embeddings = nn.Embedding(Vocabulary, 12, dtype: dtype);
        _query = nn.Linear(12, 12, dtype: dtype);
        _dense = nn.Linear(12, 24, dtype: dtype);
        _classifier = nn.Linear(24, labels, dtype: dtype);
        RegisterComponents();
        using var gradients = no_grad();
        foreach (var (name, parameter) in named_parameters())
        {
            using var generator = seed.For(name).Generator();
            parameter.normal_(0, 0.4, generator);
        }
    }

    public static int Vocabulary => 20;

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var hidden = _query.call(_embeddings.call(input)).tanh();
        return _classifier.call(_dense.call(hidden).tanh()).MoveToOuterDisposeScope();
    }

    public static Tensor Ids(Seed seed, int tokens)
    {
        using var generator = seed.Generator();
        return randint(Vocabulary, [tokens], ScalarType.Int64, generator: generator);
    }
}
