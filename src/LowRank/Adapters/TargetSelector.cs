using System.Text.RegularExpressions;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Chooses the layers of a model that get an adapter, by PEFT's rules.</summary>
/// <remarks>
/// In order: an excluded layer is out, a layer inside a head that is trained in full is out, and of the rest those that
/// match are in. A name matches a path that equals it or ends with a dot and it; a pattern must match the whole path.
/// </remarks>
public sealed record TargetSelector
{
    /// <summary>The word that stands for every linear layer, as in PEFT.</summary>
    public const string AllLinearWord = "all-linear";

    /// <summary>The word that stands for every weight matrix, embeddings included, as in the Deep LoRA paper.</summary>
    public const string AllDenseWord = "all-dense";

    private TargetSelector()
    {
    }

    /// <summary>The names or path endings to match; empty when something else selects.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<string> Names { get; private init; } = [];

    /// <summary>A regular expression over whole paths; null when something else selects.</summary>
    /// <value>Null.</value>
    public string? Pattern { get; private init; }

    /// <summary>True to take every layer of the kinds that count, whatever its name.</summary>
    public bool Everything { get; private init; }

    /// <summary>
    /// True to take embedding tables too when everything is taken; a name or pattern may always choose one.
    /// </summary>
    public bool Embeddings { get; private init; }

    /// <summary>Names or path endings of layers that get none.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>The least size of a layer's smaller side; smaller ones are passed over.</summary>
    /// <value>1, no limit. The paper's all-dense runs used 768 on BERT-base.</value>
    public int MinimumSize { get; init; } = 1;

    /// <summary>The layers whose path equals or ends with one of these names, such as <c>query</c>.</summary>
    /// <param name="names">At least one.</param>
    /// <returns>The selector.</returns>
    public static TargetSelector ByName(params IReadOnlyList<string> names)
    {
        Check.NotNull(names);
        Check.That(names.Count > 0, nameof(names), "names: got none; wanted at least one layer name.");
        return new TargetSelector { Names = [.. names.Select(name => Check.NotBlank(name))] };
    }

    /// <summary>The layers whose whole path matches a regular expression.</summary>
    /// <param name="pattern">The expression.</param>
    /// <returns>The selector.</returns>
    /// <exception cref="ArgumentException">The expression is malformed.</exception>
    public static TargetSelector ByPattern(string pattern)
    {
        _ = new Regex(Check.NotBlank(pattern));
        return new TargetSelector { Pattern = pattern };
    }

    /// <summary>Every linear layer outside the heads: PEFT's <c>all-linear</c>.</summary>
    /// <returns>The selector.</returns>
    public static TargetSelector AllLinear() => new() { Everything = true };

    /// <summary>Every linear layer and embedding table: the paper's choice, with its threshold.</summary>
    /// <param name="minimumSize">The least smaller side; 768 gives the paper's 74 matrices of BERT-base.</param>
    /// <returns>The selector.</returns>
    public static TargetSelector AllDense(int minimumSize = 1) =>
        new() { Everything = true, Embeddings = true, MinimumSize = Check.AtLeast(minimumSize, 1) };

    /// <summary>
    /// Reads what a user types: <c>all-linear</c>, <c>all-dense</c>, <c>/regex/</c>, or names with commas.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <returns>The selector.</returns>
    public static TargetSelector Parse(string text) => Check.NotBlank(text).Trim() switch
    {
        AllLinearWord => AllLinear(),
        AllDenseWord => AllDense(),
        ['/', .. var pattern, '/'] => ByPattern(pattern),
        var names => ByName(names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)),
    };

    /// <summary>The layers chosen from a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="heads">Paths of modules that are trained in full; layers inside them are never adapted.</param>
    /// <returns>The layers in the model's order; at least one.</returns>
    /// <exception cref="ArgumentException">
    /// Nothing matched, or one of the names did not: the message lists what the model has.
    /// </exception>
    public IReadOnlyList<AdaptedLayer> Select(nn.Module model, IReadOnlyList<string>? heads = null)
    {
        var all = AdaptedLayer.AllOf(model);
        var chosen = all.Where(layer => Takes(layer, heads ?? [])).ToList();
        var idle = string.Join(",", Names.Where(name => !all.Any(layer => EndsWith(layer.Path, name))));
        Check.That(
            chosen.Count > 0 && idle.Length == 0,
            "targets",
            $"targets: {(idle.Length > 0 ? idle : this)} matched nothing. Layers of this model: {Summary(all)}.");
        return chosen;
    }

    /// <summary>True when the path equals the name or ends with a dot and the name.</summary>
    /// <param name="path">A module path.</param>
    /// <param name="name">A name or path ending.</param>
    /// <returns>Whether PEFT would match it.</returns>
    public static bool EndsWith(string path, string name) =>
        Check.NotNull(path) == Check.NotNull(name) || path.EndsWith($".{name}", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() =>
        (Pattern is not null ? $"/{Pattern}/"
            : !Everything ? string.Join(',', Names)
            : Embeddings ? AllDenseWord
            : AllLinearWord)
        + (MinimumSize > 1 ? $" of size {MinimumSize} and up" : "")
        + (Exclude.Count > 0 ? $" without {string.Join(',', Exclude)}" : "");

    internal bool Takes(AdaptedLayer layer, IReadOnlyList<string> heads) =>
        !Within(layer.Path, heads) && Matches(layer);

    private static bool Within(string path, IReadOnlyList<string> heads) =>
        heads.Any(head => path == head || path.StartsWith($"{head}.", StringComparison.Ordinal));

    private bool Matches(AdaptedLayer layer)
    {
        if (layer.Smaller < MinimumSize || Exclude.Any(name => EndsWith(layer.Path, name)))
        {
            return false;
        }

        return Pattern is not null ? Regex.IsMatch(layer.Path, $@"\A(?:{Pattern})\z")
            : Everything ? Embeddings || !layer.IsEmbedding
            : Names.Any(name => EndsWith(layer.Path, name));
    }

    // Numbered layers are told once: encoder.layer.*.attention.query (linear, 768 -> 768) x 12.
    private static string Summary(IReadOnlyList<AdaptedLayer> layers) => layers.Count == 0
        ? "none that can carry an adapter"
        : string.Join("; ", layers
            .GroupBy(layer => Regex.Replace(layer.ToString(), @"(?<=\.)\d+(?=\.)", "*"))
            .Select(group => group.Count() == 1 ? group.First().ToString() : $"{group.Key} x {group.Count()}"));
}
