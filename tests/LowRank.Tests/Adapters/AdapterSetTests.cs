using LowRank.Adapters;
using LowRank.Testing;
using static LowRank.Tests.Adapters.AdapterCases;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

public sealed class AdapterSetTests : IDisposable
{
    private static readonly TargetSelector Targets = TargetSelector.ByName("query", "dense");

    private readonly ToyEncoder _model = new(AdapterCases.Seed);
    private readonly Tensor _ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 17);

    public void Dispose()
    {
        _model.Dispose();
        _ids.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Attach_Start_LeavesOutputAtTheBase(string name)
    {
        var before = Logits(_model, _ids);
        using var set = Attach(_model, name);

        // One-sided LoRA starts at exactly zero, the others to rounding; LoRA-XS at its initial scale and a deep product
        // at its initial scale to the power of its depth.
        var tolerance = name switch
        {
            "lora" or "lora-scaled" or "lora-mirrored" => 0,
            "lora-orthogonal" or "lora-pissa" or "lora-olora" or "dora" => 1e-5f,
            "deep-5" => 1e-3f,
            _ => 1e-4f,
        };
        AssertClose(before, Logits(_model, _ids), tolerance);
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Merge_TrainedAdapters_GivesTheSameOutputAndUnmergeRestoresExactly(string name)
    {
        using var set = Attach(_model, name);
        Perturb(set);
        var attached = Logits(_model, _ids);
        var weights = Weights();

        set.Merge();
        AssertClose(attached, Logits(_model, _ids), 1e-4f);
        Assert.True(set.IsMerged);

        set.Unmerge();
        Assert.Equal(attached, Logits(_model, _ids));
        Assert.Equal(weights, Weights());
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Merge_ThenDetach_LeavesAPlainModelWithTheSameOutput(string name)
    {
        float[] attached;
        using (var set = Attach(_model, name))
        {
            Perturb(set);
            attached = Logits(_model, _ids);
            set.Merge(reversible: false);
        }

        AssertClose(attached, Logits(_model, _ids), 1e-4f);
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Detach_TrainedAdapters_RestoresTheModelExactly(string name)
    {
        var before = Logits(_model, _ids);
        var weights = Weights();
        var flags = _model.parameters().Select(parameter => parameter.requires_grad).ToList();
        using (var set = Attach(_model, name))
        {
            Perturb(set);
            Assert.NotEqual(before, Logits(_model, _ids));
        }

        Assert.Equal(before, Logits(_model, _ids));
        Assert.Equal(weights, Weights());
        Assert.Equal(flags, _model.parameters().Select(parameter => parameter.requires_grad));
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Enabled_False_GivesTheBaseOutputAndBack(string name)
    {
        var before = Logits(_model, _ids);
        using var set = Attach(_model, name);
        Perturb(set);
        var trained = Logits(_model, _ids);

        set.Enabled = false;
        Assert.Equal(before, Logits(_model, _ids));
        set.Enabled = true;
        Assert.Equal(trained, Logits(_model, _ids));
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Backward_Attached_GivesGradientsToAdaptersAndHeadsOnly(string name)
    {
        using var set = Attach(_model, name);
        Perturb(set);
        using (var loss = Loss(_model, _ids))
        {
            loss.backward();
        }

        var trained = set.Trained();
        Assert.All(trained, parameter => Assert.True(Norm(parameter.Value.grad) > 0, parameter.Name));
        Assert.Equal(
            ["classifier.weight", "classifier.bias"],
            _model.named_parameters().Where(entry => entry.parameter.grad is not null).Select(entry => entry.name));
        Assert.Equal(set.Adapters.Sum(adapter => adapter.Factors.Count) + 2, set.Saved().Count);
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Gradients_InDoublePrecision_MatchFiniteDifferences(string name)
    {
        using var model = new ToyEncoder(AdapterCases.Seed, ScalarType.Float64);
        using var set = Attach(model, name);
        Perturb(set);
        using (var loss = Loss(model, _ids))
        {
            loss.backward();
        }

        // DoRA takes the rows' lengths as constants: for its directions see DoraTests.
        foreach (var parameter in set.Trained().Where(parameter => !parameter.IsHead
            && (name != "dora" || parameter.Name.EndsWith(Dora.NameMagnitude, StringComparison.Ordinal))))
        {
            using var scope = NewDisposeScope();
            using var gradients = no_grad();
            using var generator = AdapterCases.Seed.For(parameter.Name).For(1).Generator();
            var direction = randn(parameter.Value.shape, ScalarType.Float64, generator: generator);
            const double step = 1e-5;
            parameter.Value.add_(direction, alpha: step);
            var up = Loss(model, _ids).item<double>();
            parameter.Value.add_(direction, alpha: -2 * step);
            var down = Loss(model, _ids).item<double>();
            parameter.Value.add_(direction, alpha: step);
            var expected = (parameter.Value.grad! * direction).sum().item<double>();
            Assert.Equal(expected, (up - down) / (2 * step), 1e-7);
        }
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Merge_WithNaN_RefusesAndLeavesTheBaseUntouched(string name)
    {
        using var set = Attach(_model, name);
        Perturb(set);
        var query = set.Adapters.Single(adapter => adapter.Layer.Path == "query");
        using (no_grad())
        {
            query.Factors.Last(factor => factor.RateRatio > 0).Value.fill_(float.NaN);
        }

        var weights = Weights();
        var error = Assert.Throws<InvalidOperationException>(() => set.Merge());
        Assert.Contains("query: the update has a NaN", error.Message, StringComparison.Ordinal);
        Assert.Equal(weights, Weights());
        Assert.False(set.IsMerged);
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Merge_AgainAndUnsafely_GivesTheVerySameWeights(string name)
    {
        using var set = Attach(_model, name);
        Perturb(set);
        set.Merge();
        var merged = Weights();
        set.Unmerge();
        set.Merge(safe: false);
        Assert.Equal(merged, Weights());
    }

    [Fact]
    public void Enabled_False_TakesTheGradientsOffAndBack()
    {
        using var set = Attach(_model, "lora-xs");
        var trained = set.Trained();
        set.Enabled = false;
        Assert.All(set.Saved(), parameter => Assert.False(parameter.Value.requires_grad));
        Assert.All(_model.parameters(), parameter => Assert.False(parameter.requires_grad));
        Assert.Equal(trained, set.Trained());
        set.Enabled = true;
        Assert.Equal(trained, set.Saved().Where(parameter => parameter.Value.requires_grad));
    }

    [Fact]
    public void Merge_OrUnmergeTwice_Throws()
    {
        using var set = Attach(_model, "lora");
        Assert.Throws<InvalidOperationException>(set.Unmerge);
        set.Merge();
        Assert.Throws<InvalidOperationException>(() => set.Merge());
        Assert.Throws<InvalidOperationException>(() => set.Enabled = false);
    }

    [Fact]
    public void Call_OnBatchesOfAnyShape_GivesTheSameNumbers()
    {
        using var set = Attach(_model, "deep-3");
        Perturb(set);
        using var square = ToyEncoder.Ids(AdapterCases.Seed, 12);
        using var folded = square.reshape(3, 4);
        AssertClose(Logits(_model, square), Logits(_model, folded), 1e-6f);
    }

    [Fact]
    public void Attach_OverHalfPrecision_KeepsFactorsInSinglePrecision()
    {
        using var model = new ToyEncoder(AdapterCases.Seed, ScalarType.BFloat16);
        using var set = Attach(model, "lora");
        Perturb(set, 0.1);
        using var logits = model.call(_ids);
        Assert.Equal(ScalarType.BFloat16, logits.dtype);
        Assert.All(set.Adapters, adapter => Assert.All(
            adapter.Factors, factor => Assert.Equal(ScalarType.Float32, factor.Value.dtype)));
    }

    [Fact]
    public void Names_OfTheModel_StayTheCheckpoints()
    {
        var before = _model.named_parameters().Select(entry => entry.name).ToList();
        using var set = Attach(_model, "deep-3");
        Assert.Equal(before, _model.named_parameters().Select(entry => entry.name));
        Assert.Equal("embeddings.factor_0", set.Saved()[0].Name);
    }

    [Fact]
    public void CountParameters_MatchesTheFormulas()
    {
        using var set = Attach(_model, "deep-3");
        var expected = set.Adapters.Sum(adapter => All["deep-3"].CountParameters(adapter.Layer));
        Assert.Equal((4 * (32 + 24 + 36)) + (3 * 16), expected);
        var count = set.CountParameters();
        Assert.Equal(expected + 75, count.Trainable);
        Assert.Equal(expected + (20 * 12) + (13 * 12) + (13 * 24) + 75, count.All);
        Assert.Equal("trainable params: 491 || all params: 1,199 || trainable%: 40.9508", count.ToString());
    }

    [Fact]
    public void Attach_RankAboveALayer_NamesTheLayer()
    {
        var rank = Assert.Throws<ArgumentException>(() => AdapterSet.Attach(
            _model, new LoraOptions { Rank = 13 }, Targets, AdapterCases.Seed));
        Assert.Contains("Rank: got 13", rank.Message, StringComparison.Ordinal);
        Assert.Contains("query (linear, 12 -> 12)", rank.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attach_EverythingWithALargeRank_PassesSmallLayersOver()
    {
        using var set = AdapterSet.Attach(
            _model, new LoraOptions { Rank = 8 }, TargetSelector.AllLinear(), AdapterCases.Seed);
        Assert.Equal(["query", "dense"], set.Adapters.Select(adapter => adapter.Layer.Path));
        Assert.Equal(["classifier"], set.PassedOver.Select(layer => layer.Path));
    }

    [Fact]
    public void Attach_UnknownHead_SaysWhatThereIs()
    {
        var error = Assert.Throws<ArgumentException>(() => Attach(_model, "lora", ["score"]));
        Assert.Contains("no module is called score", error.Message, StringComparison.Ordinal);
        Assert.Contains("classifier", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attach_CompressedWithoutABatch_SaysWhatIsMissing()
    {
        var error = Assert.Throws<ArgumentException>(() => AdapterSet.Attach(
            _model, All["deep-compressed"], Targets, AdapterCases.Seed));
        Assert.Contains("gradient of a first batch", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoSets_OnOneModel_AddUpAndSwitch()
    {
        using var first = Attach(_model, "lora", []);
        Perturb(first);
        var one = Logits(_model, _ids);
        using (var second = Attach(_model, "deep-3", []))
        {
            Perturb(second);
            Assert.NotEqual(one, Logits(_model, _ids));
            second.Enabled = false;
            Assert.Equal(one, Logits(_model, _ids));
        }

        Assert.Equal(one, Logits(_model, _ids));
    }

    [Fact]
    public void Dropout_InTraining_DependsOnTheStepsSeedOnly()
    {
        using var set = AdapterSet.Attach(
            _model, new LoraOptions { Rank = 4, Dropout = 0.5 }, Targets, AdapterCases.Seed);
        Perturb(set);
        _model.eval();
        var evaluated = Logits(_model, _ids);
        _model.train();
        var step = AdapterCases.Seed.For(3);
        set.BeginStep(step);
        var first = Logits(_model, _ids);

        // A layer that is computed again in the same step drops the same features again.
        Assert.Equal(first, Logits(_model, _ids));
        set.BeginStep(AdapterCases.Seed.For(4));
        Assert.NotEqual(first, Logits(_model, _ids));
        set.BeginStep(step);
        Assert.Equal(first, Logits(_model, _ids));
        _model.eval();
        Assert.Equal(evaluated, Logits(_model, _ids));
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void EveryOperation_LeavesNoTensorBehind(string name) => LeakGate.Closed(() =>
    {
        using var set = Attach(_model, name);
        for (var i = 0; i < 3; i++)
        {
            using var loss = Loss(_model, _ids);
            loss.backward();
        }

        set.Merge();
        _ = Logits(_model, _ids);
        set.Unmerge();
        set.Enabled = false;
        set.Enabled = true;
        foreach (var adapter in set.Adapters)
        {
            adapter.ToLora().Dispose();
            adapter.Delta().Dispose();
        }

        set.Dispose();
        _model.zero_grad();
    });

    private static double Norm(Tensor? tensor)
    {
        using var norm = tensor?.norm();
        return norm?.to(ScalarType.Float64).item<double>() ?? 0;
    }

    private List<float[]> Weights() =>
        [.. _model.named_parameters().Where(entry => !entry.name.StartsWith("classifier", StringComparison.Ordinal))
            .Select(entry => entry.parameter.data<float>().ToArray())];
}
