using System.Globalization;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>An axis of a three-dimensional panel.</summary>
/// <param name="Label">What it measures, with its unit.</param>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end, above the lower.</param>
internal sealed record Axis(string Label, double Low, double High)
{
    private const int MostTicks = 5;

    /// <summary>An axis that holds all values.</summary>
    public static Axis Over(string label, IEnumerable<double> values)
    {
        var all = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (all.Min(), all.Max());
        return new(label, low, high > low ? high : low + 1);
    }

    /// <summary>Where a value lies between the ends: 0 to 1.</summary>
    public double Share(double value) => (value - Low) / (High - Low);

    /// <summary>Round numbers on the axis.</summary>
    public IEnumerable<(double Share, string Text)> Ticks()
    {
        var rough = (High - Low) / MostTicks;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1.0, 2, 5, 10 }.Select(times => times * power).First(size => size >= rough);
        for (var tick = Math.Ceiling(Low / step); tick * step <= High + (1e-9 * step); tick++)
        {
            yield return (Share(tick * step), (tick * step).ToString("0.######", CultureInfo.InvariantCulture));
        }
    }
}
