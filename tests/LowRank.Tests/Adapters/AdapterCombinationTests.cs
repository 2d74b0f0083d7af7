using LowRank.Adapters;
using LowRank.Testing;
using static LowRank.Tests.Adapters.AdapterCases;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

public sealed class AdapterCombinationTests : IDisposable
{
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();
    private readonly ToyEncoder _model = new(AdapterCases.Seed, ScalarType.Float64);
    private readonly Tensor _ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 17);
    private readonly NamedAdapters _adapters;

    public AdapterCombinationTests() => _adapters = new NamedAdapters(_model);

    public static TheoryData<AdapterCombination> Combinations => [.. Enum.GetValues<AdapterCombination>()];

    public static TheoryData<string> Addable => [.. All.Keys.Where(name => name != "dora")];

    public void Dispose()
    {
        _adapters.Dispose();
        _model.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Combine_WeightsOneAndZero_GivesTheFirst(AdapterCombination combination)
    {
        Add(_adapters, "first", "lora", 0.3);
        Add(_adapters, "second", "deep-3", 0.2);
        Combine((1, 0), combination);
        AssertClose(Output("first"), Output("sum"), 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Addable))]
    public void Combine_Cat_IsTheWeightedSumOfTheUpdates(string kind)
    {
        Add(_adapters, "first", kind, 0.3);
        Add(_adapters, "second", "lora-scaled", 0.2);
        var sum = Combine((0.7, -0.4), AdapterCombination.Cat);
        AssertDeltas(sum, path => (0.7 * Delta("first", path)) - (0.4 * Delta("second", path)));
        Assert.All(sum.Adapters, adapter => Assert.Equal(
            _adapters["first"].Adapters.Single(first => first.Layer.Path == adapter.Layer.Path).Rank + 3, adapter.Rank));
    }

    [Theory]
    [MemberData(nameof(Addable))]
    public void Combine_SvdAtFullRank_EqualsCat(string kind)
    {
        Add(_adapters, "first", kind, 0.3);
        Add(_adapters, "second", "lora-scaled", 0.2);
        var cat = Combine((0.7, -0.4), AdapterCombination.Cat);
        var svd = _adapters.Combine("svd", Weights(0.7, -0.4), AdapterCombination.Svd, rank: 99);
        AssertDeltas(svd, path => Delta("sum", path));
        Assert.All(svd.Adapters.Zip(cat.Adapters), pair => Assert.Equal(
            Math.Min(pair.First.Layer.Smaller, pair.Second.Rank), pair.First.Rank));
    }

    [Fact]
    public void Combine_Svd_IsTheBestApproximationOfItsRank()
    {
        Add(_adapters, "first", "lora", 0.3);
        Add(_adapters, "second", "lora-scaled", 0.2);
        Combine((0.7, -0.4), AdapterCombination.Svd);
        _adapters.Combine("cut", Weights(0.7, -0.4), AdapterCombination.Svd, rank: 2);
        foreach (var path in Paths("cut"))
        {
            var exact = (0.7 * Delta("first", path)) - (0.4 * Delta("second", path));
            var (u, s, vt) = linalg.svd(exact, fullMatrices: false);
            var best = (u.narrow(1, 0, 2) * s.narrow(0, 0, 2)).mm(vt.narrow(0, 0, 2));
            Assert.True(Delta("cut", path).allclose(best, rtol: 0, atol: 1e-12));
        }

        Assert.All(_adapters["sum"].Adapters, adapter => Assert.Equal(4, adapter.Rank));
        Assert.All(_adapters["cut"].Adapters, adapter => Assert.Equal(2, adapter.Rank));
    }

    [Fact]
    public void Combine_Linear_SumsTheFactorsAsPeftDoes()
    {
        Add(_adapters, "first", "lora", 0.3);
        _adapters.Add(
            "second", new LoraOptions { Rank = 4, Alpha = 10 }, TargetSelector.ByName("query", "dense"), AdapterCases.Seed, ["classifier"]);
        _adapters.Active = "second";
        Perturb(_adapters["second"], 0.2);
        var sum = Combine((0.7, -0.4), AdapterCombination.Linear);

        // The scale of the second is 2.5; a layer it leaves alone has the first's share only.
        foreach (var path in Paths("sum").Where(path => path != "embeddings"))
        {
            var (a1, b1) = Factors("first", path);
            var (a2, b2) = Factors("second", path);
            var a = (Math.Sqrt(0.7) * a1) + (Math.Sqrt(0.4 * 2.5) * a2);
            var b = (Math.Sqrt(0.7) * b1) - (Math.Sqrt(0.4 * 2.5) * b2);
            Assert.True(Delta("sum", path).allclose(b.mm(a), rtol: 0, atol: 1e-12));
        }

        Assert.True(Delta("sum", "embeddings").allclose(0.7 * Delta("first", "embeddings"), rtol: 0, atol: 1e-12));
        Assert.All(sum.Adapters, adapter => Assert.Equal(4, adapter.Rank));
    }

    [Fact]
    public void Combine_Heads_AreAveragedWithWeightsThatSumToOne()
    {
        Add(_adapters, "first", "lora", 0.3);
        Add(_adapters, "second", "deep-3", 0.2);
        Combine((3, 1), AdapterCombination.Cat);
        var expected = (0.75 * Head("first")) + (0.25 * Head("second"));
        Assert.True(Head("sum").allclose(expected, rtol: 0, atol: 1e-12));
        Assert.Equal(["classifier"], _adapters["sum"].HeadPaths);
    }

    [Fact]
    public void Combine_HeadsAlone_IsAnAverageOfHeads()
    {
        Add(_adapters, "first", "lora", 0.3);
        _adapters.Add("second", new HeadOnlyOptions(), TargetSelector.AllLinear(), AdapterCases.Seed, ["classifier"]);
        var sum = _adapters.Combine("sum", new Dictionary<string, double> { ["second"] = 2 });
        Assert.IsType<HeadOnlyOptions>(sum.Options);
        Assert.True(Head("sum").allclose(Head("second"), rtol: 0, atol: 1e-12));
    }

    [Fact]
    public void Combine_Biases_ChangeByTheWeightedChanges()
    {
        var start = _model.get_parameter("query.bias")!.detach().clone();
        using var scratch = new ScratchFolder();
        WriteWithBias(scratch, start + 1);
        _adapters.Read("first", scratch.Path);
        Add(_adapters, "second", "lora", 0.2);
        Combine((3, 1), AdapterCombination.Cat);
        _adapters.Active = "sum";
        Assert.Equal(["query.bias", "dense.bias"], _adapters["sum"].TrainedInFull);
        Assert.True(_model.get_parameter("query.bias")!.allclose(start + 3, rtol: 0, atol: 1e-6));
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Combine_ThenTrainWriteAndRead_IsAnOrdinaryLora(AdapterCombination combination)
    {
        using var scratch = new ScratchFolder();
        Add(_adapters, "first", "lora", 0.3);
        Add(_adapters, "second", "deep-3", 0.2);
        var sum = Combine((0.5, 0.5), combination);
        Assert.All(sum.Adapters, adapter => Assert.IsType<Lora>(adapter));
        _adapters.Active = "sum";
        using (var loss = Loss(_model, _ids))
        {
            loss.backward();
        }

        Assert.All(sum.Trained(), parameter => Assert.NotNull(parameter.Value.grad));
        _adapters.Write("sum", scratch.Path);
        _adapters.Read("again", scratch.Path);
        AssertClose(Output("sum"), Output("again"), 1e-6f);
    }

    [Fact]
    public void Combine_WhatDoesNotAddUp_IsRefusedByName()
    {
        Add(_adapters, "first", "lora", 0.3);
        Add(_adapters, "headless", "lora", 0.3, []);
        Add(_adapters, "turned", "dora", 0.3);
        Add(_adapters, "narrow", "lora-scaled", 0.3);
        _adapters.Add("full", new FullOptions(), TargetSelector.AllLinear(), AdapterCases.Seed, ["classifier"]);
        Refuses("got turned, which is DoRA", ("first", 1), ("turned", 1));
        Refuses("got full, in which every parameter is trained", ("full", 1));
        Refuses("first trains the head classifier, headless trains no head", ("first", 1), ("headless", 1));
        Refuses("embeddings: first has rank 4, narrow has rank 3", ("first", 1), ("narrow", 1));
        Refuses("first: got NaN", ("first", double.NaN));
        Refuses("got a sum of 0", ("first", 1), ("narrow", -1));
        Refuses("got none");
        Refuses("got nobody", ("nobody", 1));
        using (no_grad())
        {
            _adapters["headless"].Adapters[1].Factors[0].Value.fill_(double.PositiveInfinity);
        }

        Refuses("headless: query has a NaN or infinite number", ("headless", 1));
        Assert.Contains("only Svd chooses it", Assert.Throws<ArgumentException>(() => _adapters.Combine(
            "sum", new Dictionary<string, double> { ["first"] = 1 }, AdapterCombination.Cat, rank: 3)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _adapters.Combine(
            "sum", new Dictionary<string, double> { ["first"] = 1 }, AdapterCombination.Svd, rank: 0));
        Assert.DoesNotContain("sum", _adapters.Names);
    }

    private static Dictionary<string, double> Weights(double first, double second) =>
        new() { ["first"] = first, ["second"] = second };

    private void Refuses(string message, params (string Name, double Weight)[] weights)
    {
        var error = Assert.Throws<ArgumentException>(() => _adapters.Combine(
            "sum", weights.ToDictionary(pair => pair.Name, pair => pair.Weight), AdapterCombination.Linear));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private AdapterSet Combine((double First, double Second) weights, AdapterCombination combination) =>
        _adapters.Combine("sum", Weights(weights.First, weights.Second), combination);

    // PEFT's form of an adapter with biases; this library trains none, but reads them.
    private void WriteWithBias(ScratchFolder scratch, Tensor bias)
    {
        using var model = new ToyEncoder(AdapterCases.Seed, ScalarType.Float64);
        using (var set = Attach(model, "lora"))
        {
            PeftFolder.Write(scratch.Path, set);
        }

        var config = scratch["adapter_config.json"];
        File.WriteAllText(config, File.ReadAllText(config)
            .Replace("\"bias\": \"none\"", "\"bias\": \"lora_only\"", StringComparison.Ordinal));
        using var tensors = LowRank.Tensors.TensorMap.Load(scratch[PeftFolder.WeightsName]);
        tensors.Add("base_model.model.query.base_layer.bias", bias.to(ScalarType.Float32));
        tensors.Add("base_model.model.dense.base_layer.bias", _model.get_parameter("dense.bias")!.to(ScalarType.Float32));
        tensors.Save(scratch[PeftFolder.WeightsName]);
    }

    private void AssertDeltas(AdapterSet set, Func<string, Tensor> expected)
    {
        Assert.Equal(["embeddings", "query", "dense"], set.Adapters.Select(adapter => adapter.Layer.Path));
        Assert.All(set.Adapters, adapter =>
            Assert.True(adapter.Delta().allclose(expected(adapter.Layer.Path), rtol: 0, atol: 1e-12)));
    }

    private IEnumerable<string> Paths(string name) => _adapters[name].Adapters.Select(adapter => adapter.Layer.Path);

    private Adapter At(string name, string path) =>
        _adapters[name].Adapters.Single(adapter => adapter.Layer.Path == path);

    private Tensor Delta(string name, string path) => At(name, path).Delta();

    private (Tensor A, Tensor B) Factors(string name, string path)
    {
        var factors = At(name, path).Factors;
        return (factors[0].Value.detach(), factors[1].Value.detach());
    }

    private Tensor Head(string name)
    {
        _adapters.Active = name;
        return _model.get_parameter("classifier.weight")!.detach().clone();
    }

    private float[] Output(string name)
    {
        _adapters.Active = name;
        return Logits(_model, _ids);
    }
}
