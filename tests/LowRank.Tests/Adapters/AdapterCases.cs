using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Testing;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

/// <summary>The kinds of adapters every property is tested on, and the model they sit on.</summary>
internal static class AdapterCases
{
    public static readonly Seed Seed = Seed.From(7);

    public static TheoryData<string> Names => [.. All.Keys];

    public static IReadOnlyDictionary<string, AdapterOptions> All { get; } = new Dictionary<string, AdapterOptions>
    {
        ["lora"] = new LoraOptions { Rank = 4 },
        ["lora-scaled"] = new LoraOptions { Rank = 3, Alpha = 10, UseRsLora = true },
        ["lora-mirrored"] = new LoraOptions { Rank = 2, Start = LoraStart.Mirrored },
        ["lora-orthogonal"] = new LoraOptions { Rank = 4, Start = LoraStart.Orthogonal },
        ["lora-pissa"] = new LoraOptions { Rank = 3, Alpha = 6, Start = LoraStart.Pissa },
        ["lora-olora"] = new LoraOptions { Rank = 3, Start = LoraStart.Olora },
        ["dora"] = new LoraOptions { Rank = 4, Alpha = 6, UseDora = true },
        ["lora-xs"] = new LoraXsOptions { Rank = 4 },
        ["deep-2"] = new DeepLoraOptions { Rank = 4, Depth = 2, Form = DeepLoraForm.Narrow },
        ["deep-3"] = new DeepLoraOptions { Rank = 4, Form = DeepLoraForm.Narrow },
        ["deep-5"] = new DeepLoraOptions { Rank = 3, Depth = 5, InitialScale = 0.1, Form = DeepLoraForm.Narrow },
        ["deep-wide"] = new DeepLoraOptions { Form = DeepLoraForm.Wide },
        ["deep-compressed"] = new DeepLoraOptions { Rank = 4, Form = DeepLoraForm.Compressed },
    };

    public static AdapterSet Attach(
        ToyEncoder model, string name, IReadOnlyList<string>? heads = null)
    {
        using var ids = ToyEncoder.Ids(Seed, 30);
        return AdapterSet.Attach(
            model,
            All[name],
            TargetSelector.ByName(Targets(name)),
            Seed,
            heads ?? ["classifier"],
            [() => Loss(model, ids)]);
    }

    /// <summary>Adds a case to several on one model, its values random as if trained; what is active stays so.</summary>
    public static AdapterSet Add(
        NamedAdapters adapters, string name, string kind, double scale, IReadOnlyList<string>? heads = null)
    {
        using var ids = ToyEncoder.Ids(Seed, 30);
        var model = (ToyEncoder)adapters.Model;
        var set = adapters.Add(
            name, All[kind], TargetSelector.ByName(Targets(kind)), Seed, heads ?? ["classifier"], [() => Loss(model, ids)]);
        var active = adapters.Active;
        adapters.Active = name;
        if (scale > 0)
        {
            Perturb(set, scale);
        }

        adapters.Active = active;
        return set;
    }

    /// <summary>The layers a case adapts: DoRA knows no embedding.</summary>
    public static string[] Targets(string name) => name == "dora" ? ["query", "dense"] : ["embeddings", "query", "dense"];

    public static Tensor Loss(ToyEncoder model, Tensor ids)
    {
        using var scope = NewDisposeScope();
        var labels = ids.remainder(3);
        return nn.functional.cross_entropy(model.call(ids), labels).MoveToOuterDisposeScope();
    }

    /// <summary>Gives every factor a random value, as if trained.</summary>
    public static void Perturb(AdapterSet set, double scale = 0.3)
    {
        using var gradients = no_grad();
        foreach (var parameter in set.Saved().Where(parameter => parameter.RateRatio > 0))
        {
            using var generator = Seed.For(parameter.Name).Generator();
            parameter.Value.normal_(0, scale, generator);
        }
    }

    public static float[] Logits(ToyEncoder model, Tensor ids)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return [.. model.call(ids).to(ScalarType.Float32).flatten().data<float>()];
    }

    public static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance);
        }
    }
}
