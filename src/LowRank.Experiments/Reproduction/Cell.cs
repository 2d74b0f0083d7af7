using System.Globalization;

namespace LowRank.Experiments.Reproduction;

/// <summary>One run of a target: independent of all others, with a file of its own.</summary>
/// <param name="Labels">What sets it apart from the target's other runs: names and values, in a fixed order.</param>
/// <param name="Seed">Where its randomness comes from.</param>
/// <param name="Seconds">What it takes on one core of the machine of <c>results/</c>, roughly.</param>
/// <param name="Run">Does it.</param>
public sealed record Cell(
    IReadOnlyList<(string Name, string Value)> Labels, int Seed, double Seconds, Func<CellContext, CellResult> Run)
{
    /// <summary>The name of its file without the ending.</summary>
    public string Key => string.Join('_', Labels.Select(label => $"{label.Name}-{label.Value}").Append(
        string.Create(CultureInfo.InvariantCulture, $"seed-{Seed}")));

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Labels.Select(label => $"{label.Name} {label.Value}").Append(
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed}")));
}
