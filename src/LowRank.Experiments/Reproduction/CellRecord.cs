using LowRank.Experiments.Comparisons;

namespace LowRank.Experiments.Reproduction;

/// <summary>A run's file.</summary>
public sealed record CellRecord
{
    /// <summary>What sets it apart from the target's other runs.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>Where its randomness came from.</summary>
    public required int Seed { get; init; }

    /// <summary>What came out.</summary>
    public required CellResult Result { get; init; }

    /// <summary>What it took; the only part that differs when it is made again.</summary>
    public required CellCost Cost { get; init; }

    /// <summary>What it was made with.</summary>
    public required RunVersions Versions { get; init; }

    /// <summary>One of its numbers.</summary>
    /// <param name="name">The number's name.</param>
    /// <returns>The number; NaN when the run has none of that name.</returns>
    public double Number(string name) => Result.Numbers.GetValueOrDefault(name, double.NaN);

    /// <summary>One of its curves.</summary>
    /// <param name="name">The curve's name.</param>
    /// <returns>The rows; none when the run has no curve of that name.</returns>
    public IReadOnlyList<IReadOnlyList<double>> Series(string name) => Result.Series.GetValueOrDefault(name, []);
}
