using CsCheck;
using LowRank.Adapters;
using LowRank.Testing;
using static LowRank.Tests.Adapters.AdapterCases;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

/// <summary>Any order of operations against a dictionary of expected outputs.</summary>
public sealed class NamedAdaptersProperties
{
    private static readonly string[] Labels = ["a", "aa", "ab", "b"];
    private static readonly string[] Kinds = ["lora", "deep-3", "dora", "lora-xs", "lora-pissa"];

    private enum Operation
    {
        Add,
        AddHeadless,
        Switch,
        ToBase,
        Remove,
        Dispose,
        Train,
        Merge,
        Combine,
    }

    [Fact]
    public void Operations_InAnyOrder_GiveWhatTheModelOfThemSays() =>
        Gen.Select(Gen.Enum<Operation>(), Gen.Int[0, 3], Gen.Int[0, 4]).Array[1, 25].Sample(
            operations => LeakGate.Closed(() => Play(operations)), iter: 60, threads: 1);

    private static void Play((Operation Operation, int Label, int Kind)[] operations)
    {
        using var model = new ToyEncoder(AdapterCases.Seed);
        using var ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 9);
        model.get_parameter("embeddings.weight")!.requires_grad = false;
        var start = State(model);
        using (var adapters = new NamedAdapters(model))
        {
            var expected = new OutputsByName(Logits(model, ids));
            foreach (var (operation, label, kind) in operations)
            {
                Apply(operation, Labels[label], Kinds[kind], adapters, expected, ids);
                Assert.Equal(expected.Outputs.Keys.Order(), adapters.Names.Order());
                Assert.Equal(expected.Active, adapters.Active);
                Assert.Equal(expected.Now, Logits(model, ids));
                AssertGradients(adapters);
            }
        }

        Assert.Equal(start, State(model));
    }

    private static void Apply(
        Operation operation, string name, string kind, NamedAdapters adapters, OutputsByName expected, Tensor ids)
    {
        var model = (ToyEncoder)adapters.Model;
        switch (operation)
        {
            case Operation.Add or Operation.AddHeadless when !expected.Outputs.ContainsKey(name):
                Add(adapters, name, kind, 0.3, operation == Operation.Add ? ["classifier"] : []);
                expected.Outputs[name] = OutputOf(name);
                break;
            case Operation.Add or Operation.AddHeadless:
                Assert.Throws<ArgumentException>(() => Add(adapters, name, kind, 0.3));
                break;
            case Operation.ToBase:
                adapters.Active = expected.Active = null;
                break;
            case Operation.Combine when expected.Outputs.ContainsKey(name):
                Combine(name);
                break;
            case var _ when !expected.Outputs.ContainsKey(name):
                Assert.Throws<ArgumentException>(() => adapters.Active = name);
                Assert.Throws<ArgumentException>(() => adapters.Remove(name));
                break;
            case Operation.Switch:
                adapters.Active = expected.Active = name;
                break;
            case Operation.Remove or Operation.Dispose:
                expected.Forget(name);
                (operation == Operation.Remove ? () => adapters.Remove(name) : (Action)adapters[name].Dispose)();
                break;
            case Operation.Train:
                adapters.Active = expected.Active = name;
                Train(model, adapters[name], ids);
                expected.Outputs[name] = Logits(model, ids);
                break;
            case Operation.Merge:
                adapters.Active = expected.Active = name;
                adapters[name].Merge();
                AssertClose(expected.Now, Logits(model, ids), 1e-3f);
                adapters[name].Unmerge();
                break;
        }

        // What a new one gives is what it is expected to give from now on, whatever happens to the others.
        float[] OutputOf(string added)
        {
            adapters.Active = added;
            var output = Logits(model, ids);
            adapters.Active = expected.Active;
            return output;
        }

        void Combine(string source)
        {
            var target = Labels.FirstOrDefault(label => !expected.Outputs.ContainsKey(label));
            if (target is null || adapters[source].Adapters.Any(adapter => adapter is Dora))
            {
                return;
            }

            adapters.Combine(target, new Dictionary<string, double> { [source] = 1 });
            expected.Outputs[target] = OutputOf(target);
            AssertClose(expected.Outputs[source], expected.Outputs[target], 1e-3f);
        }
    }

    private static void Train(ToyEncoder model, AdapterSet set, Tensor ids)
    {
        using (var loss = Loss(model, ids))
        {
            loss.backward();
        }

        using var gradients = no_grad();
        foreach (var parameter in set.Trained())
        {
            using var scope = NewDisposeScope();
            parameter.Value.sub_(parameter.Value.grad! * 0.1);
            parameter.Value.grad = null;
        }
    }

    private static void AssertGradients(NamedAdapters adapters)
    {
        var active = adapters.Active is { } name ? adapters[name] : null;
        Assert.All(
            adapters.Names.Select(other => adapters[other]).Where(set => set != active).SelectMany(set => set.Adapters),
            adapter => Assert.All(adapter.Factors, factor => Assert.False(factor.Value.requires_grad)));
        Assert.All(active?.Trained() ?? [], parameter => Assert.True(parameter.Value.requires_grad));
        Assert.Equal(
            active?.HeadPaths.Count > 0 ? ["classifier.weight", "classifier.bias"] : [],
            adapters.Model.named_parameters().Where(entry => entry.parameter.requires_grad).Select(entry => entry.name));
    }

    private static List<float[]> State(ToyEncoder model) =>
        [.. model.parameters().Select(parameter => (float[])[parameter.requires_grad ? 1 : 0, .. parameter.data<float>()])];

    private sealed class OutputsByName(float[] start)
    {
        public Dictionary<string, float[]> Outputs { get; } = [];

        public string? Active { get; set; }

        public float[] Now => Active is null ? start : Outputs[Active];

        public void Forget(string name)
        {
            Outputs.Remove(name);
            Active = Active == name ? null : Active;
        }
    }
}
