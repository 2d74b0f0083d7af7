using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;
using static LowRank.Tests.Adapters.AdapterCases;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

public sealed class AdapterSpectrumTests : IDisposable
{
    private readonly ToyEncoder _model = new(AdapterCases.Seed);
    private readonly ScratchFolder _scratch = new();

    public void Dispose()
    {
        _model.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Of_TrainedAdapters_GivesTheSingularValuesOfTheDenseUpdate(string name)
    {
        using var set = Attach(_model, name);
        Perturb(set);
        var layers = AdapterSpectrum.Of(set);
        Assert.Equal(set.Adapters.Select(adapter => adapter.Layer.Path), layers.Select(layer => layer.Path));
        foreach (var (adapter, layer) in set.Adapters.Zip(layers))
        {
            using var scope = NewDisposeScope();
            using var factors = adapter.ToLora(); // of DoRA the direction's part
            var update = factors.B.mm(factors.A).to(ScalarType.Float64);
            var wanted = Spectrum.SingularValues(update);
            foreach (var (expected, got) in wanted.Zip(layer.SingularValues))
            {
                Assert.Equal(expected, got, 1e-5 * wanted[0]);
            }

            Assert.Equal((adapter.Layer.Inputs, adapter.Layer.Outputs), (layer.Inputs, layer.Outputs));
            Assert.Equal(update.norm().ToDouble(), layer.Norm, 1e-5 * layer.Norm);
            Assert.Equal(Spectrum.EffectiveRank(wanted), layer.EffectiveRank, 1e-3);
            var weight = adapter.Layer.Weight.norm().ToDouble();
            Assert.Equal(layer.Norm / weight, layer.RelativeNorm!.Value, 1e-5 * layer.Norm / weight);
            Assert.Empty(layer.InputAlignment);
        }
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Of_Folder_EqualsThatOfTheAdaptersAtWork(string name)
    {
        IReadOnlyList<LayerSpectrum> attached;
        using (var set = Attach(_model, name))
        {
            Perturb(set);
            attached = AdapterSpectrum.Of(set);
            PeftFolder.Write(_scratch["adapter"], set);
        }

        using var tensors = TensorMap.Load(_scratch[$"adapter/{PeftFolder.WeightsName}"]);
        var read = AdapterSpectrum.Of(tensors, _scratch["adapter/adapter_config.json"], _model);
        Assert.Equal(attached.Select(layer => layer.Path).Order(), read.Select(layer => layer.Path).Order());
        foreach (var layer in read)
        {
            var same = attached.Single(other => other.Path == layer.Path);
            Assert.Equal(same.SingularValues, layer.SingularValues);
            Assert.Equal(same.WeightNorm, layer.WeightNorm);
        }
    }

    [Fact]
    public void Of_ScaledFolderWithPatterns_UsesEachLayersOwnScale()
    {
        File.WriteAllText(_scratch["config.json"], """
            {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "alpha_pattern": {"dense": 6}}
            """);
        using var tensors = new TensorMap();
        foreach (var layer in new[] { "query", "dense" })
        {
            tensors.Add($"base_model.model.{layer}.lora_A.weight", eye(2, 5));
            tensors.Add($"base_model.model.{layer}.lora_B.weight", eye(7, 2));
        }

        var spectra = AdapterSpectrum.Of(tensors, _scratch["config.json"]);
        Assert.Equal(["dense", "query"], spectra.Select(layer => layer.Path));
        Assert.Equal([3.0, 3.0], spectra[0].SingularValues, Close);
        Assert.Equal([2.0, 2.0], spectra[1].SingularValues, Close);
        Assert.Null(spectra[0].RelativeNorm);
    }

    [Fact]
    public void Of_Ranks_CountWhatTheySay()
    {
        var layer = new LayerSpectrum
        {
            Path = "query",
            Inputs = 768,
            Outputs = 768,
            Rank = 4,
            SingularValues = [1, 0.02, 0.005, 1e-6],
        };
        Assert.Equal((2, 3), (layer.NumericalRank, layer.PaperRank));
        Assert.InRange(layer.EffectiveRank, 1, 1.2);
        Assert.Equal(0, (layer with { SingularValues = [9e-4, 9e-4] }).PaperRank);
        var none = layer with { SingularValues = [0, 0] };
        Assert.Equal((0, 0, 0, 0), (none.NumericalRank, none.PaperRank, none.EffectiveRank, none.LeadingDirections));
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Of_AtTheStart_LiesInTheStartingSpan(string name)
    {
        using var set = Attach(_model, name);
        AdapterSpectrum.WriteStart(_scratch["start.safetensors"], set);
        using var start = TensorMap.Load(_scratch["start.safetensors"]);
        foreach (var layer in AdapterSpectrum.Of(set, start))
        {
            Assert.All(layer.InputAlignment.Concat(layer.OutputAlignment), cosine => Assert.Equal(1, cosine, 1e-6));
            var moves = name.StartsWith("deep", StringComparison.Ordinal) || name == "lora-xs";
            Assert.Equal(moves, layer.InputAlignment.Count > 0 && layer.OutputAlignment.Count > 0);
        }
    }

    [Fact]
    public void Of_OneDirectionLeftTheStart_ShowsItsAngle()
    {
        using var tensors = Pair(tensor(new double[,] { { 1, 0, 0 }, { 0, 0.6, 0.8 } }), eye(2));
        using var start = Pair(tensor(new double[,] { { 2, 0, 0 }, { 0, 5, 0 } }), zeros(2, 2));
        File.WriteAllText(_scratch["config.json"], """{"peft_type": "LORA", "r": 2, "lora_alpha": 2}""");
        var layer = Assert.Single(AdapterSpectrum.Of(tensors, _scratch["config.json"], start: start));
        Assert.Equal([1.0, 0.6], layer.InputAlignment, Close);
        Assert.Empty(layer.OutputAlignment);
    }

    [Fact]
    public void Of_StartOfAnotherModel_Refuses()
    {
        using var tensors = Pair(eye(2, 3), eye(2));
        using var start = Pair(eye(2, 4), eye(2));
        File.WriteAllText(_scratch["config.json"], """{"peft_type": "LORA", "r": 2, "lora_alpha": 2}""");
        var error = Assert.Throws<InvalidDataException>(() => AdapterSpectrum.Of(tensors, _scratch["config.json"], start: start));
        Assert.Contains("query: the start is of another layer's size", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteStart_HeadOnly_WritesNothing()
    {
        using var set = AdapterSet.Attach(_model, new HeadOnlyOptions(), TargetSelector.AllLinear(), AdapterCases.Seed, ["classifier"]);
        AdapterSpectrum.WriteStart(_scratch["start.safetensors"], set);
        Assert.False(File.Exists(_scratch["start.safetensors"]));
        Assert.Empty(AdapterSpectrum.Of(set));
    }

    [Fact]
    public void Of_LeavesNoTensorBehind()
    {
        using var set = Attach(_model, "deep-compressed");
        AdapterSpectrum.WriteStart(_scratch["start.safetensors"], set);
        LeakGate.Closed(() =>
        {
            using var start = TensorMap.Load(_scratch["start.safetensors"]);
            AdapterSpectrum.Of(set, start);
        });
    }

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < 1e-9;

    private static TensorMap Pair(Tensor a, Tensor b)
    {
        var tensors = new TensorMap();
        tensors.Add("base_model.model.query.lora_A.weight", a);
        tensors.Add("base_model.model.query.lora_B.weight", b);
        return tensors;
    }
}
