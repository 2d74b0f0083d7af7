using LowRank.Tensors;

namespace LowRank.FineTuning.Data;

/// <summary>The names of the classes, in the order of a model's outputs.</summary>
public sealed class ClassLabels
{
    private readonly Dictionary<string, int> _indices;

    /// <summary>Numbers the names from 0.</summary>
    /// <param name="names">The names, each once; at least one.</param>
    /// <exception cref="ArgumentException">There are no names, or one is blank or there twice.</exception>
    public ClassLabels(IEnumerable<string> names)
    {
        Names = [.. Check.NotNull(names)];
        Check.That(Names.Count > 0, nameof(names), "names: got none; wanted at least one class.");
        _indices = new(StringComparer.Ordinal);
        foreach (var name in Names)
        {
            Check.That(!string.IsNullOrWhiteSpace(name), nameof(names), "names: got a blank name; wanted characters.");
            Check.That(
                _indices.TryAdd(name, _indices.Count), nameof(names), $"names: got '{name}' twice; wanted each once.");
        }
    }

    /// <summary>The names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The number of classes.</summary>
    public int Count => Names.Count;

    /// <summary>The index of a label as a file writes it.</summary>
    /// <remarks>A name; or, where no name is a whole number, the index itself, as many data sets write it.</remarks>
    /// <param name="label">The label.</param>
    /// <returns>The index; null when there is no such class.</returns>
    public int? IndexOf(string label)
    {
        if (_indices.TryGetValue(Check.NotNull(label), out var index))
        {
            return index;
        }

        return LabelText.Whole(label) is { } number
            && number >= 0 && number < Count
            && Names.All(name => LabelText.Whole(name) is null)
                ? (int)number
                : null;
    }

    /// <summary>The names, with commas between them.</summary>
    /// <returns>The names.</returns>
    public override string ToString() => string.Join(", ", Names);
}
