using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>PEFT's ways with biases: its words for them, and the names they have in its files.</summary>
internal static class PeftBiases
{
    private const string Ending = ".bias";

    internal static string Word(this TrainedBiases biases) => biases switch
    {
        TrainedBiases.All => "all",
        TrainedBiases.LoraOnly => "lora_only",
        _ => "none",
    };

    /// <summary>What a set trains, in PEFT's terms.</summary>
    internal static TrainedBiases Of(AdapterSet set)
    {
        var trained = set.TrainedInFull;
        return trained.Count == 0 ? TrainedBiases.None
            : trained.ToHashSet().SetEquals(Names(TrainedBiases.LoraOnly, set.Model, set.Adapters, set.HeadPaths))
                ? TrainedBiases.LoraOnly
                : TrainedBiases.All;
    }

    /// <summary>The biases that a word means, outside the heads.</summary>
    internal static IEnumerable<string> Names(
        TrainedBiases biases, nn.Module model, IEnumerable<Adapter> adapters, IReadOnlyList<string> heads) =>
        Names(biases, model, [.. adapters.Select(adapter => adapter.Layer.Path)], heads);

    /// <summary>The biases that a word means, outside the heads.</summary>
    internal static IEnumerable<string> Names(
        TrainedBiases biases, nn.Module model, IReadOnlyCollection<string> layers, IReadOnlyList<string> heads)
    {
        var inHeads = TrainedParameter.ParametersIn(model, heads).Select(entry => entry.Name).ToHashSet();
        return biases == TrainedBiases.None ? [] : model.named_parameters()
            .Select(entry => entry.name)
            .Where(name => name.EndsWith(Ending, StringComparison.Ordinal) && !inHeads.Contains(name)
                && (biases == TrainedBiases.All || layers.Contains(LayerOf(name))));
    }

    /// <summary>A bias's name in PEFT's files: an adapted layer is wrapped, its own tensors lie one level deeper.</summary>
    internal static string Key(string bias, IReadOnlyCollection<string> layers) =>
        PeftNames.Prefix + (layers.Contains(LayerOf(bias)) ? $"{LayerOf(bias)}.base_layer{Ending}" : bias);

    internal static string OfLayer(string path) => path + Ending;

    private static string LayerOf(string bias) => bias[..^Ending.Length];
}
