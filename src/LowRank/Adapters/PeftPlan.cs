using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// Which layers and heads of a model an adapter file speaks of, once every name and shape has been compared.
/// </summary>
internal sealed record PeftPlan(IReadOnlyList<AdaptedLayer> Layers, IReadOnlyList<string> Heads)
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
        var wanted = Wanted(layers, model, heads);
        string[] missing = [.. wanted.Keys.Where(name => !tensors.Contains(name))];
        string[] unexpected = [.. tensors.Names.Where(name => !wanted.ContainsKey(name))];
        string[] shapes = [.. wanted
            .Where(entry => tensors.Contains(entry.Key) && !Fits(entry.Value, tensors[entry.Key].shape))
            .Select(entry => $"{entry.Key}: got [{string.Join(", ", tensors[entry.Key].shape)}]; wanted "
                + $"[{string.Join(", ", entry.Value.Select(size => size < 0 ? "r" : $"{size}"))}]")];
        if (layers.Count > 0 && missing.Length + unexpected.Length + shapes.Length == 0)
        {
            return new PeftPlan(layers, heads);
        }

        throw new InvalidDataException(
            $"{path}: the adapter does not fit the model." + Tell("Missing", missing) + Tell("Unexpected", unexpected)
                + Tell("Shapes", shapes) + (layers.Count == 0 ? " No layer of the model is adapted." : ""));
    }

    private static IReadOnlyList<string> FindHeads(string path, PeftConfig config, nn.Module model)
    {
        try
        {
            return TrainedHead.Find(model, config.ModulesToSave);
        }
        catch (ArgumentException error)
        {
            throw new InvalidDataException($"{path}: modules_to_save: {error.Message}", error);
        }
    }

    private static bool Targeted(PeftConfig config, AdaptedLayer layer, IReadOnlyList<string> heads) =>
        config.Targets?.Takes(layer, heads) ?? false;

    // Full names and shapes; -1 stands for the rank.
    private static Dictionary<string, long[]> Wanted(
        IReadOnlyList<AdaptedLayer> layers, nn.Module model, IReadOnlyList<string> heads)
    {
        var wanted = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            var (a, b) = PeftNames.Of(layer);
            wanted[PeftNames.Prefix + a] = [-1, layer.Inputs];
            wanted[PeftNames.Prefix + b] = [layer.Outputs, -1];
        }

        foreach (var (name, parameter) in TrainedHead.ParametersIn(model, heads))
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
