using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

/// <summary>An embedding whose table is the output layer too: an adapter of it takes part in both uses.</summary>
public sealed class TiedProjectionTests : IDisposable
{
    // TorchSharp takes the scale of a fused product in single precision.
    private const double Tolerance = 1e-6;

    private readonly TiedModel _model = new(ScalarType.Float64);
    private readonly Tensor _ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 30);

    public static TheoryData<string> Names => [.. AdapterCases.All.Keys.Where(name => name != "dora")];

    public void Dispose()
    {
        _model.Dispose();
        _ids.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Merge_AdapterOfTheTable_KeepsTheScores(string name)
    {
        using var set = AdapterSet.Attach(
            _model, AdapterCases.All[name], TargetSelector.ByName("table"), AdapterCases.Seed, firstLosses: [Loss]);
        var before = Scores();
        AdapterCases.Perturb(set);
        var changed = Scores();
        Assert.True(before.Zip(changed).Max(pair => Math.Abs(pair.First - pair.Second)) > 1e-3);
        set.Merge();
        Assert.All(changed.Zip(Scores()), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        set.Unmerge();
        Assert.All(changed.Zip(Scores()), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    [Fact]
    public void Detach_AdapterOfTheTable_LeavesNoTrace()
    {
        var before = Scores();
        using (var set = AdapterSet.Attach(_model, AdapterCases.All["lora"], TargetSelector.ByName("table"), AdapterCases.Seed))
        {
            AdapterCases.Perturb(set);
            set.Enabled = false;
            Assert.Equal(before, Scores());
        }

        Assert.Equal(before, Scores());
    }

    [Fact]
    public void LeadingVectors_OfTheTable_AreThoseOfBothUsesTogether()
    {
        using var scope = NewDisposeScope();
        Loss().backward();
        var layer = AdaptedLayer.AllOf(_model).Single(layer => layer.Path == "table");
        var dense = layer.Weight.grad!.t();
        GradientCompression.Observe(_model, [layer], [Loss], gradient =>
        {
            var (u, v) = gradient.LeadingVectors(3, AdapterCases.Seed);
            var (wantedU, _, wantedV) = linalg.svd(dense, fullMatrices: false);
            AssertSameSpan(wantedU.narrow(1, 0, 3), u);
            AssertSameSpan(wantedV.narrow(0, 0, 3).t(), v);
        });
    }

    [Fact]
    public void Forward_ManyTimes_LeavesNoTensorBehind() => LeakGate.Closed(() =>
    {
        for (var i = 0; i < 10; i++)
        {
            Scores();
        }
    });

    private static void AssertSameSpan(Tensor expected, Tensor actual) =>
        Assert.True((expected.mm(expected.t()) - actual.mm(actual.t())).abs().max().item<double>() < 1e-8);

    private double[] Scores()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return [.. _model.call(_ids).flatten().data<double>()];
    }

    private Tensor Loss()
    {
        using var scope = NewDisposeScope();
        return nn.functional.cross_entropy(_model.call(_ids), _ids.roll(1)).MoveToOuterDisposeScope();
    }

    private sealed class TiedModel : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "table")]
        private readonly Embedding _table;

        [ComponentName(Name = "dense")]
        private readonly Linear _dense;

        [ComponentName(Name = "scores")]
        private readonly TiedProjection _scores;

        public TiedModel(ScalarType dtype)
            : base(nameof(TiedModel))
        {
            _table = nn.Embedding(ToyEncoder.Vocabulary, 12, dtype: dtype);
            _dense = nn.Linear(12, 12, dtype: dtype);
            _scores = new(_table);
            RegisterComponents();
            using var gradients = no_grad();
            foreach (var (name, parameter) in named_parameters())
            {
                using var generator = AdapterCases.Seed.For(name).Generator();
                parameter.normal_(0, 0.4, generator);
            }
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return _scores.call(_dense.call(_table.call(input)).tanh()).MoveToOuterDisposeScope();
        }
    }
}
