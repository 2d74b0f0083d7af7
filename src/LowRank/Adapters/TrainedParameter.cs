using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// A parameter trained in full, with a copy of what it was, so that disabling and detaching are exact.
/// </summary>
internal sealed class TrainedParameter : IDisposable
{
    private readonly Tensor _other;

    internal TrainedParameter(string path, Parameter parameter, bool isHead)
    {
        Path = path;
        Parameter = parameter;
        IsHead = isHead;
        using var gradients = no_grad();
        _other = parameter.clone().DetachFromDisposeScope();
    }

    internal string Path { get; }

    internal Parameter Parameter { get; }

    /// <summary>The values that are not in the model now: the original ones, or the trained ones while disabled.</summary>
    internal Tensor Other => _other;

    /// <summary>Whether it is part of a head, and learns at the heads' rate.</summary>
    internal bool IsHead { get; }

    /// <summary>Whether it learns; a frozen one is part of the set and keeps its value.</summary>
    internal bool Learns { get; set; } = true;

    public void Dispose() => _other.Dispose();

    /// <summary>Every parameter inside the named heads, and of the others those named.</summary>
    internal static List<TrainedParameter> Of(nn.Module model, IReadOnlyList<string> heads, IEnumerable<string> others)
    {
        var inHeads = ParametersIn(model, heads).ToList();
        var named = others.ToHashSet(StringComparer.Ordinal);
        return
        [
            .. model.named_parameters()
                .Where(entry => named.Contains(entry.name) && inHeads.All(head => head.Name != entry.name))
                .Select(entry => new TrainedParameter(entry.name, entry.parameter, isHead: false)),
            .. inHeads.Select(entry => new TrainedParameter(entry.Name, entry.Parameter, isHead: true)),
        ];
    }

    internal static IEnumerable<(string Name, Parameter Parameter)> ParametersIn(
        nn.Module model, IReadOnlyList<string> paths) =>
        model.named_parameters()
            .Where(entry => paths.Any(path => entry.name.StartsWith($"{path}.", StringComparison.Ordinal)))
            .Select(entry => (entry.name, entry.parameter));

    /// <summary>The full paths of heads named by path or path ending.</summary>
    /// <exception cref="ArgumentException">A name matches no module with parameters.</exception>
    internal static IReadOnlyList<string> Find(nn.Module model, IReadOnlyList<string> names)
    {
        var modules = model.named_modules().Where(entry => entry.module.parameters().Any()).ToList();
        var paths = new List<string>();
        foreach (var name in names)
        {
            var found = modules.Select(entry => entry.name).Where(path => TargetSelector.EndsWith(path, name)).ToList();
            Tensors.Check.That(
                found.Count > 0,
                "heads",
                $"heads: no module is called {name}; the model's own parts are "
                    + $"{string.Join(", ", model.named_children().Select(child => child.name))}.");
            paths.AddRange(found);
        }

        return [.. paths.Distinct()];
    }

    /// <summary>Exchanges the trained and the original values in place; a gradient at the old values goes.</summary>
    internal void Swap()
    {
        using var gradients = no_grad();
        using var now = Parameter.clone();
        Parameter.copy_(_other);
        _other.copy_(now);
        Parameter.grad = null;
    }
}
