using System.Globalization;

namespace LowRank.FineTuning.Data;

/// <summary>How numbers such as lengths are spread.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Least">The least.</param>
/// <param name="Mean">The mean.</param>
/// <param name="Median">The median: of an even number, the lower of the middle two.</param>
/// <param name="Percentile95">At least 95 of 100 are at most this.</param>
/// <param name="Greatest">The greatest.</param>
public sealed record Summary(
    int Count, double Least, double Mean, double Median, double Percentile95, double Greatest)
{
    /// <summary>Summarises numbers.</summary>
    /// <param name="values">The numbers; all 0 when there are none.</param>
    /// <returns>The summary.</returns>
    public static Summary Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
        {
            return new(0, 0, 0, 0, 0, 0);
        }

        double At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
        return new(sorted.Length, sorted[0], sorted.Average(), At(0.5), At(0.95), sorted[^1]);
    }

    /// <summary>The summary in a few words.</summary>
    /// <returns>Such as <c>3 to 125, mean 28.2, median 23, 95 % up to 60</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Least:0.###} to {Greatest:0.###}, mean {Mean:0.0##}, median {Median:0.###}, "
        + $"95 % up to {Percentile95:0.###}");
}
