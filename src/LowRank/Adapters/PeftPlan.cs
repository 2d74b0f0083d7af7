using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// Which layers, heads and biases of a model an adapter file speaks of, once every name and shape has been compared.
/// </summary>
/// <param name="Layers">The adapted layers.</param>
/// <param name="Heads">Module paths trained in full.</param>
/// <param name="Biases">Biases trained in full: the parameter's name and its name in the file.</param>
internal sealed record PeftPlan(
    IReadOnlyList<AdaptedLayer> Layers, IReadOnlyList<string> Heads, IReadOnlyDictionary<string, string> Biases)
{
    /// <exception cref="InvalidDataException">
    /// Names are missing or unexpected, or shapes differ; all are listed.
    /// </exception>
    internal static PeftPlan Of(string path, PeftConfig config, TensorMap tensors, nn.Module model)
    {
        var all = AdaptedLayer.AllOf(model);
        var heads = FindHeads(path, config, model);
        var present = all.Where(layer => tensors.Contains(PeftNames.Prefix + PeftNames.Of(layer).A)).ToList();
        var layers = all.Where(layer => present.Contains(layer) || Targeted(config, layer, heads)).ToList();
        var biases = FindBiases(config, layers, model, heads, tensors);
        var wanted = Wanted(config, layers, model, heads);
        foreach (var (name, key) in biases)
        {
            wanted[key] = model.get_parameter(name)!.shape;
        }

        string[] missing = [.. wanted.Keys.Where(name => !tensors.Contains(name))];
        string[] unexpected = [.. tensors.Names.Where(name => !wanted.ContainsKey(name) && !IsTheBases(name))];
        string[] shapes = [.. wanted
            .Where(entry => tensors.Contains(entry.Key) && !Fits(entry.Value, tensors[entry.Key].shape))
            .Select(entry => $"{entry.Key}: got [{string.Join(", ", tensors[entry.Key].shape)}]; wanted "
                + $"[{string.Join(", ", entry.Value.Select(size => size < 0 ? "r" : $"{size}"))}]")];
        var adapts = layers.Count > 0 || (config.HeadOnly && heads.Count > 0);
        if (adapts && missing.Length + unexpected.Length + shapes.Length == 0)
        {
            return new PeftPlan(layers, heads, biases);
        }

        throw new InvalidDataException(
            $"{path}: the adapter does not fit the model." + Tell("Missing", missing) + Tell("Unexpected", unexpected)
                + Tell("Shapes", shapes) + (adapts ? "" : " No layer of the model is adapted."));
    }

    private static IReadOnlyList<string> FindHeads(string path, PeftConfig config, nn.Module model)
    {
        try
        {
            return TrainedParameter.Find(model, config.ModulesToSave);
        }
        catch (ArgumentException error)
        {
            var fault = error.Message.Replace($" (Parameter '{error.ParamName}')", "", StringComparison.Ordinal);
            throw new InvalidDataException($"{path}: modules_to_save: {fault}", error);
        }
    }

    private static bool Targeted(PeftConfig config, AdaptedLayer layer, IReadOnlyList<string> heads) =>
        config.Targets?.Takes(layer, heads) ?? false;

    // PEFT's versions differ in whether an adapted layer's bias is named as the wrapped layer's or as the model's.
    private static Dictionary<string, string> FindBiases(
        PeftConfig config,
        IReadOnlyList<AdaptedLayer> layers,
        nn.Module model,
        IReadOnlyList<string> heads,
        TensorMap tensors)
    {
        string[] paths = [.. layers.Select(layer => layer.Path)];
        return PeftBiases.Names(config.Biases, model, paths, heads).ToDictionary(name => name, name =>
            tensors.Contains(PeftNames.Prefix + name) ? PeftNames.Prefix + name : PeftBiases.Key(name, paths));
    }

    // With every bias trained, PEFT also stores those of the heads as they were before training.
    private static bool IsTheBases(string name) => name.Contains(".original_module.", StringComparison.Ordinal);

    // Full names and shapes; -1 stands for the rank.
    private static Dictionary<string, long[]> Wanted(
        PeftConfig config, IReadOnlyList<AdaptedLayer> layers, nn.Module model, IReadOnlyList<string> heads)
    {
        var wanted = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            var (a, b) = PeftNames.Of(layer);
            wanted[PeftNames.Prefix + a] = [-1, layer.Inputs];
            wanted[PeftNames.Prefix + b] = [layer.Outputs, -1];
            if (config.UseDora)
            {
                wanted[PeftNames.Prefix + PeftNames.MagnitudeOf(layer)] = [layer.Outputs];
            }

            if (config.LoraBias && !layer.IsEmbedding)
            {
                wanted[PeftNames.Prefix + PeftNames.BiasOf(layer)] = [layer.Outputs];
            }
        }

        foreach (var (name, parameter) in TrainedParameter.ParametersIn(model, heads))
        {
            wanted[PeftNames.Prefix + name] = parameter.shape;
        }

        return wanted;
    }

    private static bool Fits(long[] wanted, long[] got) =>
        wanted.Length == got.Length && wanted.Zip(got).All(pair => pair.First < 0 || pair.First == pair.Second);

    private static string Tell(string what, string[] names) =>
        names.Length == 0 ? "" : $" {what} ({names.Length}): {string.Join(", ", names)}.";
}
