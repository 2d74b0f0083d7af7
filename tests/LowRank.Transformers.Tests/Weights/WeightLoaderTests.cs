using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Weights;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LowRank.Transformers.Tests.Weights;

public sealed class WeightLoaderTests : IDisposable
{
    private static readonly CheckpointRules Family = new()
    {
        Prefix = "base",
        Endings = [new(".norm.gamma", ".norm.weight"), new(".norm.beta", ".norm.bias")],
        Ignorable = ["*position_ids", "pretraining.*"],
        Copies = [new("base.tied.weight", "base.dense.weight")],
        NewParts = ["head.*"],
    };

    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Load_SameNames_FillsParametersAndBuffers()
    {
        using var model = new Model("m");
        using var source = Source(Whole());
        var report = WeightLoader.Load(model, source);

        Assert.Equal(7, report.Loaded);
        Assert.Empty(report.NewlyInitialised);
        Assert.Empty(report.Ignored);
        Assert.Empty(report.Renamed);
        Assert.Empty(report.Converted);
        Assert.All(model.state_dict(), pair => Assert.True(pair.Value.eq(7).all().item<bool>(), pair.Key));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void Load_LeavesNoTensorBehind()
    {
        using var model = new Model("m");
        using var source = Source(Whole());
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        WeightLoader.Load(model, source);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Load_EveryKindOfFault_ListsAllAndTouchesNothing()
    {
        using var model = new Model("m");
        var tensors = Whole();
        tensors.Remove("base.norm.bias");
        tensors.Remove("base.dense.bias");
        tensors["base.dense.weight"] = full(2, 3, 7f);
        tensors["base.steps"] = full(1, 7f);
        tensors["base.extra"] = ones(2, 2);
        tensors["base.norm.gamma"] = ones(2);
        using var source = Source(tensors);
        using var before = model.get_parameter("base.norm.weight")!.detach().clone();

        var e = Assert.Throws<InvalidDataException>(() => WeightLoader.Load(model, source, Family));
        Assert.Equal(
            $"""
            {source.Path}: the weights do not fit Model:
              ambiguous (1):
                'base.norm.weight': got both 'base.norm.gamma' and 'base.norm.weight'; wanted one of them
              dtype (1):
                'base.steps': got F32; wanted I64
              missing (2):
                'base.dense.bias' F32 [3]
                'base.norm.bias' F32 [2]
              shape (1):
                'base.dense.weight': got [2, 3]; wanted [3, 2]
              unexpected (1):
                'base.extra' F32 [2, 2]
            Build the model from the checkpoint's own config.json, or choose a checkpoint of this model type.
            """.ReplaceLineEndings("\n"),
            e.Message);
        Assert.True(before.eq(model.get_parameter("base.norm.weight")!).all().item<bool>());
    }

    [Fact]
    public void Load_BroadcastableShape_IsRefused()
    {
        using var model = new Model("m");
        var tensors = Whole();
        tensors["base.dense.weight"] = ones(1, 2);
        using var source = Source(tensors);
        var e = Assert.Throws<InvalidDataException>(() => WeightLoader.Load(model, source));
        Assert.Contains("'base.dense.weight': got [1, 2]; wanted [3, 2]", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("or start a new head for other labels.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OtherModel_SaysThatNothingFits()
    {
        using var model = new Model("m");
        using var source = Source(Enumerable.Range(0, 60).ToDictionary(i => $"other.{i}", _ => ones(1)));
        var e = Assert.Throws<InvalidDataException>(() => WeightLoader.Load(model, source, Family));
        Assert.Contains("unexpected (60):", e.Message, StringComparison.Ordinal);
        Assert.Contains("and 10 more", e.Message, StringComparison.Ordinal);
        Assert.EndsWith("another model type. Check config.json beside it.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void Load_OtherPrecision_ConvertsAndReports(ScalarType type)
    {
        using var model = new Model("m");
        var tensors = Whole();
        tensors["base.norm.weight"] = full(2, 1.5f).to_type(type);
        using var source = Source(tensors);
        var report = WeightLoader.Load(model, source);
        Assert.Equal(["base.norm.weight"], report.Converted);
        Assert.Equal([1.5f, 1.5f], model.get_parameter("base.norm.weight")!.data<float>());
    }

    [Fact]
    public void Load_HalfModule_KeepsItsOwnPrecision()
    {
        using var model = new Model("m");
        model.to(ScalarType.BFloat16);
        using var source = Source(Whole());
        WeightLoader.Load(model, source);
        Assert.Equal(ScalarType.BFloat16, model.get_parameter("base.norm.weight")!.dtype);
    }

    [Fact]
    public void Load_CheckpointWithoutPrefix_AndOldEndings_IsRenamed()
    {
        using var model = new Model("m");
        var tensors = Whole().ToDictionary(
            pair => pair.Key.Replace("base.", "", StringComparison.Ordinal)
                .Replace("norm.weight", "norm.gamma", StringComparison.Ordinal)
                .Replace("norm.bias", "norm.beta", StringComparison.Ordinal),
            pair => pair.Value);
        tensors["position_ids"] = arange(3);
        tensors["pretraining.head.weight"] = ones(1);
        using var source = Source(tensors);
        var rules = Family with { Endings = [new("norm.gamma", "norm.weight"), new("norm.beta", "norm.bias")] };
        var report = WeightLoader.Load(model, source, rules);
        Assert.Equal(7, report.Loaded);
        Assert.Contains(KeyValuePair.Create("dense.weight", "base.dense.weight"), report.Renamed);
        Assert.Contains(KeyValuePair.Create("norm.beta", "base.norm.bias"), report.Renamed);
        Assert.Contains(KeyValuePair.Create("norm.gamma", "base.norm.weight"), report.Renamed);
        Assert.Equal(["position_ids", "pretraining.head.weight"], report.Ignored.Order());
    }

    [Fact]
    public void Load_BareModel_FromACheckpointWithPrefix()
    {
        using var model = new Base("base");
        using var source = Source(Whole().Where(pair => pair.Key.StartsWith("base", StringComparison.Ordinal)).ToDictionary());
        Assert.Equal(5, WeightLoader.Load(model, source, Family).Loaded);
    }

    [Fact]
    public void Load_WithoutHead_ReportsItAsNew()
    {
        using var model = new Model("m");
        var tensors = Whole();
        tensors.Remove("head.weight");
        tensors.Remove("head.bias");
        using var source = Source(tensors);
        using var before = model.get_parameter("head.weight")!.detach().clone();
        var report = WeightLoader.Load(model, source, Family);
        Assert.Equal(["head.bias", "head.weight"], report.NewlyInitialised.Order());
        Assert.True(before.eq(model.get_parameter("head.weight")!).all().item<bool>());

        var e = Assert.Throws<InvalidDataException>(() => WeightLoader.Load(model, source));
        Assert.Contains("missing (2)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HalfAHead_IsRefused()
    {
        using var model = new Model("m");
        var tensors = Whole();
        tensors.Remove("head.bias");
        using var source = Source(tensors);
        var e = Assert.Throws<InvalidDataException>(() => WeightLoader.Load(model, source, Family));
        Assert.Contains("missing (1):\n    'head.bias' F32 [4]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NewHead_LeavesTheOldOneOut()
    {
        using var model = new Model("m");
        var tensors = Whole();
        tensors["head.weight"] = ones(9, 3);
        tensors["head.bias"] = ones(9);
        using var source = Source(tensors);
        Assert.Throws<InvalidDataException>(() => WeightLoader.Load(model, source, Family));
        var report = WeightLoader.Load(model, source, Family, newHead: true);
        Assert.Equal(["head.bias", "head.weight"], report.NewlyInitialised.Order());
        Assert.Equal(["head.bias", "head.weight"], report.Ignored.Order());
    }

    [Fact]
    public void Load_Copies_MustEqualTheirOriginal()
    {
        using var model = new Model("m");
        var tensors = Whole();
        tensors["base.tied.weight"] = full(3, 2, 7f);
        using (var source = Source(tensors))
        {
            Assert.Equal(7, WeightLoader.Load(model, source, Family).Loaded);
        }

        tensors["base.tied.weight"] = full(3, 2, 8f);
        using (var source = Source(tensors))
        {
            var e = Assert.Throws<InvalidDataException>(() => WeightLoader.Load(model, source, Family));
            Assert.Contains(
                "tensor 'base.tied.weight': got other numbers than in 'base.dense.weight'", e.Message, StringComparison.Ordinal);
        }

        tensors.Remove("base.dense.weight");
        using (var source = Source(tensors))
        {
            Assert.Equal(7, WeightLoader.Load(model, source, Family).Loaded);
            Assert.Equal(8f, model.get_parameter("base.dense.weight")!.mean().item<float>());
        }
    }

    public void Dispose() => _folder.Dispose();

    private static Dictionary<string, Tensor> Whole() => new()
    {
        ["base.dense.weight"] = full(3, 2, 7f),
        ["base.dense.bias"] = full(3, 7f),
        ["base.norm.weight"] = full(2, 7f),
        ["base.norm.bias"] = full(2, 7f),
        ["base.steps"] = full(1, 7, ScalarType.Int64),
        ["head.weight"] = full(4, 3, 7f),
        ["head.bias"] = full(4, 7f),
    };

    private SafeTensorsSource Source(Dictionary<string, Tensor> tensors)
    {
        var path = _folder[$"{Guid.NewGuid():N}.safetensors"];
        SafeTensors.Write(path, tensors.Select(pair => TensorData.Of(pair.Key, pair.Value)));
        return SafeTensorsSource.Open(path);
    }

    private sealed class Base : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "dense")]
        private readonly Linear _dense;

        [ComponentName(Name = "norm")]
        private readonly LayerNorm _norm;

        [ComponentName(Name = "steps")]
        private readonly Tensor _steps;

        public Base(string name)
            : base(name)
        {
            _dense = nn.Linear(2, 3);
            _norm = nn.LayerNorm(2);
            _steps = zeros(1, int64);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _dense.call(_norm.call(input)).add(_steps);
    }

    private sealed class Model : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = "base")]
        private readonly Base _base;

        [ComponentName(Name = "head")]
        private readonly Linear _head;

        public Model(string name)
            : base(name)
        {
            _base = new("base");
            _head = nn.Linear(3, 4);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => _head.call(_base.call(input));
    }
}
