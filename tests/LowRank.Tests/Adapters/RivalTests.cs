using LowRank.Adapters;
using LowRank.Testing;
using static LowRank.Tests.Adapters.AdapterCases;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

/// <summary>What sets each rival of Deep LoRA apart, against its authors' definition.</summary>
public sealed class RivalTests : IDisposable
{
    private static readonly TargetSelector Dense = TargetSelector.ByName("dense");

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly ToyEncoder _model = new(AdapterCases.Seed, ScalarType.Float64);
    private readonly Tensor _ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 17);

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Pissa_Start_HoldsTheLeadingSingularDirectionsOfTheWeight()
    {
        using var set = Attach(new LoraOptions { Rank = 3, Alpha = 6, Start = LoraStart.Pissa });
        var weight = set.Adapters[0].Layer.Weight.detach();
        var (u, s, vt) = linalg.svd(weight, fullMatrices: false);
        var best = (u.narrow(1, 0, 3) * s.narrow(0, 0, 3)).mm(vt.narrow(0, 0, 3));
        Assert.True(StartProduct(set).allclose(best, rtol: 0, atol: 1e-10));
        Assert.Equal(6, set.Adapters[0].Rank);
    }

    [Fact]
    public void Olora_Start_IsTheLeadingPartOfTheQrDecomposition()
    {
        using var set = Attach(new LoraOptions { Rank = 3, Start = LoraStart.Olora });
        var (q, r) = linalg.qr(set.Adapters[0].Layer.Weight.detach());
        var product = q.narrow(1, 0, 3).mm(r.narrow(0, 0, 3));
        Assert.True(StartProduct(set).allclose(product, rtol: 0, atol: 1e-10));
    }

    [Fact]
    public void Orthogonal_Start_HasBothFactorsAndNoProduct()
    {
        using var set = Attach(new LoraOptions { Rank = 4, Start = LoraStart.Orthogonal });
        var (a, b) = (set.Saved()[0].Value, set.Saved()[1].Value);
        Assert.InRange(a.std().item<double>(), 0.03, 0.15);
        Assert.InRange(b.std().item<double>(), 0.03, 0.15);
        Assert.True(b.mm(a).abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void LoraXs_Update_StaysInTheWeightsLeadingSubspaces()
    {
        using var set = Attach(new LoraXsOptions { Rank = 4 });
        Perturb(set);
        var (u, _, vt) = linalg.svd(set.Adapters[0].Layer.Weight.detach(), fullMatrices: false);
        var (left, right) = (u.narrow(1, 0, 4), vt.narrow(0, 0, 4));
        var delta = set.Adapters[0].Delta();
        Assert.True(left.mm(left.t()).mm(delta).mm(right.t()).mm(right).allclose(delta, rtol: 0, atol: 1e-12));
        Assert.Equal(16, set.CountParameters().Trainable);
    }

    [Fact]
    public void LoraPlus_RateOfB_IsTheRatio()
    {
        using var set = Attach(new LoraOptions { Rank = 4, RateRatioB = 16 });
        Assert.Equal([1.0, 16.0], set.Trained().Select(parameter => parameter.RateRatio));
    }

    [Fact]
    public void HeadOnly_Attach_TrainsTheHeadAndNothingElse()
    {
        using var set = AdapterSet.Attach(
            _model, new HeadOnlyOptions(), TargetSelector.AllLinear(), AdapterCases.Seed, ["classifier"]);
        Assert.Equal(["classifier.weight", "classifier.bias"], set.Trained().Select(parameter => parameter.Name));
        Assert.All(set.Trained(), parameter => Assert.True(parameter.IsHead));
        Assert.Empty(set.Adapters);
        var error = Assert.Throws<ArgumentException>(() => AdapterSet.Attach(
            _model, new HeadOnlyOptions(), TargetSelector.AllLinear(), AdapterCases.Seed));
        Assert.Contains("head-only trains nothing else", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Full_Attach_TrainsEverythingAndDetachRestoresIt()
    {
        var before = Logits(_model, _ids);
        using (var set = AdapterSet.Attach(
            _model, new FullOptions(), TargetSelector.AllLinear(), AdapterCases.Seed, ["classifier"]))
        {
            Assert.Equal(_model.parameters().Sum(parameter => parameter.numel()), set.CountParameters().Trainable);
            Assert.Equal(
                ["classifier.weight", "classifier.bias"],
                set.Trained().Where(parameter => parameter.IsHead).Select(parameter => parameter.Name));
            Perturb(set);
            Assert.NotEqual(before, Logits(_model, _ids));
            set.Enabled = false;
            Assert.Equal(before, Logits(_model, _ids));
        }

        Assert.Equal(before, Logits(_model, _ids));
    }

    [Fact]
    public void HeadOnly_Folder_ReadsBack()
    {
        using var scratch = new ScratchFolder();
        using var set = AdapterSet.Attach(
            _model, new HeadOnlyOptions(), TargetSelector.AllLinear(), AdapterCases.Seed, ["classifier"]);
        Perturb(set);
        PeftFolder.Write(scratch.Path, set);
        using var fresh = new ToyEncoder(AdapterCases.Seed, ScalarType.Float64);
        using var read = PeftFolder.Read(scratch.Path, fresh);
        Assert.IsType<HeadOnlyOptions>(read.Options);
        AssertClose(Logits(_model, _ids), Logits(fresh, _ids), 1e-6f);
    }

    private AdapterSet Attach(AdapterOptions options) => AdapterSet.Attach(_model, options, Dense, AdapterCases.Seed);

    // What the anchors hold: scale·B₀·A₀.
    private static Tensor StartProduct(AdapterSet set) =>
        set.Saved()[3].Value.mm(set.Saved()[2].Value) * set.Adapters[0].Scale;
}
