using LowRank.Adapters;
using LowRank.Testing;
using static LowRank.Tests.Adapters.AdapterCases;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

public sealed class NamedAdaptersTests : IDisposable
{
    private readonly ToyEncoder _model = new(AdapterCases.Seed);
    private readonly Tensor _ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 17);
    private readonly float[] _base;

    public NamedAdaptersTests() => _base = Logits(_model, _ids);

    public void Dispose()
    {
        _model.Dispose();
        _ids.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Active_SwitchedToAnother_GivesWhatEachGivesAlone(string name)
    {
        var alone = Alone(name, 0.3);
        var other = Alone("lora-scaled", 0.2);
        using var adapters = new NamedAdapters(_model);
        Add(adapters, "one", name, 0.3);
        Add(adapters, "two", "lora-scaled", 0.2);
        Assert.Null(adapters.Active);
        Assert.Equal(_base, Logits(_model, _ids));
        foreach (var (active, expected) in new[] { ("one", alone), ("two", other), ("one", alone), (null, _base), ("two", other) })
        {
            adapters.Active = active;
            Assert.Equal(active, adapters.Active);
            Assert.Equal(expected, Logits(_model, _ids));
        }
    }

    [Fact]
    public void Active_SetsOfDifferentHeads_EachHasItsOwn()
    {
        using var adapters = new NamedAdapters(_model);
        Add(adapters, "headed", "lora", 0.3);
        Add(adapters, "headless", "lora", 0.3, []);
        adapters.Active = "headed";
        var head = _model.get_parameter("classifier.weight")!.data<float>().ToArray();
        adapters.Active = "headless";
        var plain = _model.get_parameter("classifier.weight")!.data<float>().ToArray();
        adapters.Active = "headed";
        Assert.NotEqual(plain, head);
        Assert.Equal(head, _model.get_parameter("classifier.weight")!.data<float>().ToArray());
    }

    [Theory]
    [InlineData("a", "b", "c")]
    [InlineData("b", "a", "c")]
    [InlineData("c", "b", "a")]
    [InlineData("b", "c", "a")]
    public void Remove_InEveryOrder_LeavesTheOthersAndThenTheBase(params string[] order)
    {
        var names = order.ToList();
        var flags = Flags();
        using (var adapters = new NamedAdapters(_model))
        {
            var expected = names.ToDictionary(name => name, name => Outcome(adapters, name));
            adapters.Active = "b";
            while (names.Count > 0)
            {
                adapters.Remove(names[0]);
                names.RemoveAt(0);
                Assert.Equal(names.Order(), adapters.Names.Order());
                foreach (var name in names)
                {
                    adapters.Active = name;
                    Assert.Equal(expected[name], Logits(_model, _ids));
                    AssertOnlyTheActiveWantsGradients(adapters);
                }

                adapters.Active = null;
                Assert.Equal(_base, Logits(_model, _ids));
            }
        }

        Assert.Equal(flags, Flags());
    }

    [Fact]
    public void Remove_TheActiveOne_LeavesTheBase()
    {
        using var adapters = Two();
        adapters.Active = "one";
        adapters.Remove("one");
        Assert.Null(adapters.Active);
        Assert.Equal(_base, Logits(_model, _ids));
        Assert.Throws<ArgumentException>(() => adapters.Active = "one");
    }

    [Fact]
    public void Remove_AnInactiveOne_LeavesTheActive()
    {
        using var adapters = Two();
        adapters.Active = "one";
        var expected = Logits(_model, _ids);
        adapters.Remove("two");
        Assert.Equal("one", adapters.Active);
        Assert.Equal(expected, Logits(_model, _ids));
    }

    [Fact]
    public void Names_ThatAreUnknownOrTaken_AreToldAndChangeNothing()
    {
        using var adapters = Two();
        adapters.Active = "one";
        var expected = Logits(_model, _ids);
        foreach (var act in new Action[]
        {
            () => adapters.Active = "on", () => adapters.Remove("On"), () => _ = adapters["three"],
            () => adapters.Write("", "folder"),
        })
        {
            var error = Assert.Throws<ArgumentException>(act);
            Assert.Contains("wanted one of: one, two.", error.Message, StringComparison.Ordinal);
        }

        var taken = Assert.Throws<ArgumentException>(() => Add(adapters, "two", "lora", 0.1));
        Assert.Contains("got two, which is taken", taken.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Add(adapters, " ", "lora", 0.1));
        Assert.Equal("one", adapters.Active);
        Assert.Equal(expected, Logits(_model, _ids));
    }

    [Fact]
    public void Add_ThatFails_LeavesTheActiveOneActive()
    {
        using var adapters = Two();
        adapters.Active = "two";
        var expected = Logits(_model, _ids);
        Assert.Throws<ArgumentException>(() => adapters.Add(
            "three", new LoraOptions { Rank = 99 }, TargetSelector.ByName("query"), AdapterCases.Seed));
        Assert.Throws<FileNotFoundException>(() => adapters.Read("three", "no-such-folder"));
        Assert.Equal(["one", "two"], adapters.Names);
        Assert.Equal(expected, Logits(_model, _ids));
    }

    [Fact]
    public void Add_WhileAnotherIsActive_BeginsAtTheBaseModel()
    {
        using var compressed = Attach(_model, "deep-compressed");
        var expected = compressed.Saved().Select(parameter => parameter.Value.bytes.ToArray()).ToList();
        compressed.Dispose();
        using var adapters = Two();
        adapters.Active = "one";
        var set = Add(adapters, "three", "deep-compressed", scale: 0);
        adapters.Active = "three";
        Assert.Equal(expected, set.Saved().Select(parameter => parameter.Value.bytes.ToArray()));
    }

    [Fact]
    public void WriteAndRead_NamesWithinNames_GiveTheSameOutputs()
    {
        using var scratch = new ScratchFolder();
        string[] names = ["adapter", "adapter_2", "a", "my.adapter", "lora_A"];
        string[] cases = ["lora", "deep-3", "dora", "lora-pissa", "deep-compressed"];
        using var adapters = new NamedAdapters(_model);
        foreach (var (name, kind) in names.Zip(cases))
        {
            Add(adapters, name, kind, 0.3);
        }

        adapters.Active = "a";
        using var fresh = new ToyEncoder(AdapterCases.Seed);
        using var read = new NamedAdapters(fresh);
        foreach (var name in names)
        {
            adapters.Write(name, scratch[name]);
            read.Read(name, scratch[name]);
        }

        Assert.Equal("a", adapters.Active);
        foreach (var name in names.Reverse())
        {
            adapters.Active = name;
            read.Active = name;
            AssertClose(Logits(_model, _ids), Logits(fresh, _ids), 1e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void WriteAndRead_AnInactiveOne_GivesTheVerySameOutput(string name)
    {
        using var scratch = new ScratchFolder();
        using var adapters = Two();
        Add(adapters, "chosen", name, 0.3);
        adapters.Active = "one";
        adapters.Write("chosen", scratch.Path);
        Assert.Equal("one", adapters.Active);
        adapters.Read("again", scratch.Path);
        adapters.Active = "chosen";
        var expected = Logits(_model, _ids);
        adapters.Active = "again";
        Assert.Equal(expected, Logits(_model, _ids));
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Merge_TheActiveOne_GivesTheSameOutputAndBlocksSwitching(string name)
    {
        using var adapters = Two();
        var set = Add(adapters, "merged", name, 0.3);
        adapters.Active = "merged";
        var expected = Logits(_model, _ids);
        set.Merge();
        AssertClose(expected, Logits(_model, _ids), 1e-4f);
        adapters.Active = "merged";
        foreach (var act in new Action[]
        {
            () => adapters.Active = "one", () => adapters.Active = null, () => adapters.Remove("merged"),
            () => Add(adapters, "more", "lora", 0.1), () => adapters.Write("one", "folder"),
        })
        {
            Assert.Contains(
                "unmerge first", Assert.Throws<InvalidOperationException>(act).Message, StringComparison.Ordinal);
        }

        set.Unmerge();
        Assert.Equal(expected, Logits(_model, _ids));
        adapters.Active = null;
        Assert.Equal(_base, Logits(_model, _ids));
    }

    [Fact]
    public void Backward_Always_ReachesTheActiveOneOnly()
    {
        using var adapters = Two();
        foreach (var active in new[] { "two", "one" })
        {
            adapters.Active = active;
            AssertOnlyTheActiveWantsGradients(adapters);
            using var loss = Loss(_model, _ids);
            loss.backward();
            Assert.All(adapters[active].Trained(), parameter => Assert.NotNull(parameter.Value.grad));
        }

        adapters.Active = null;
        AssertOnlyTheActiveWantsGradients(adapters);
        Assert.All(_model.parameters(), parameter => Assert.Null(parameter.grad));
        using var frozen = Loss(_model, _ids);
        Assert.False(frozen.requires_grad);
    }

    [Fact]
    public void SetsThemselves_EnabledOrDisposed_KeepTheCollectionRight()
    {
        using var adapters = Two();
        adapters["one"].Enabled = true;
        adapters["two"].Enabled = true;
        Assert.Equal("two", adapters.Active);
        Assert.False(adapters["one"].Enabled);
        adapters["two"].Enabled = false;
        Assert.Null(adapters.Active);
        adapters["one"].Enabled = true;
        adapters["one"].Dispose();
        Assert.Equal(["two"], adapters.Names);
        Assert.Equal(_base, Logits(_model, _ids));
    }

    [Fact]
    public void Dispose_APartlyFrozenModel_RestoresValuesAndFlags()
    {
        _model.get_parameter("embeddings.weight")!.requires_grad = false;
        _model.get_parameter("classifier.bias")!.requires_grad = false;
        var (flags, values) = (Flags(), Values());
        var adapters = Two();
        adapters.Active = "two";
        adapters.Dispose();
        adapters.Dispose();
        Assert.Equal(flags, Flags());
        Assert.Equal(values, Values());
        Assert.Throws<ObjectDisposedException>(() => Add(adapters, "three", "lora", 0.1));
    }

    [Fact]
    public void EveryOperation_LeavesNoTensorBehind() => LeakGate.Closed(() =>
    {
        using var scratch = new ScratchFolder();
        using var adapters = Two();
        adapters.Active = "one";
        using (var loss = Loss(_model, _ids))
        {
            loss.backward();
        }

        adapters.Write("two", scratch.Path);
        adapters.Read("three", scratch.Path);
        foreach (var kind in Enum.GetValues<AdapterCombination>())
        {
            adapters.Combine($"{kind}", new Dictionary<string, double> { ["three"] = 1, ["two"] = -0.5 }, kind);
        }

        adapters.Active = "Svd";
        adapters.Remove("one");
        _model.zero_grad();
    });

    private NamedAdapters Two()
    {
        var adapters = new NamedAdapters(_model);
        Add(adapters, "one", "lora", 0.3);
        Add(adapters, "two", "deep-3", 0.2);
        return adapters;
    }

    private float[] Outcome(NamedAdapters adapters, string name)
    {
        Add(adapters, name, All.Keys.ElementAt(name[0] - 'a'), 0.3);
        adapters.Active = name;
        return Logits(_model, _ids);
    }

    private float[] Alone(string name, double scale)
    {
        using var set = Attach(_model, name);
        Perturb(set, scale);
        return Logits(_model, _ids);
    }

    private void AssertOnlyTheActiveWantsGradients(NamedAdapters adapters)
    {
        var wanted = adapters.Active is { } name ? adapters[name].Trained().Select(parameter => parameter.Name) : [];
        var factors = adapters.Names
            .SelectMany(other => adapters[other].Adapters.SelectMany(adapter => adapter.NamedFactors()))
            .Select(factor => (factor.Name, factor.Value.requires_grad));
        var own = _model.named_parameters().Select(entry => (entry.name, entry.parameter.requires_grad));
        Assert.Equal(wanted.Order(), factors.Concat(own).Where(entry => entry.requires_grad).Select(entry => entry.Item1).Order());
    }

    private List<bool> Flags() => [.. _model.parameters().Select(parameter => parameter.requires_grad)];

    private List<float[]> Values() => [.. _model.parameters().Select(parameter => parameter.data<float>().ToArray())];
}
