namespace LowRank.Experiments.Reproduction;

/// <summary>What a number should be.</summary>
/// <param name="Value">The value itself; null where only the band is known.</param>
/// <param name="Low">The band's lower end, itself within; negative infinity for none.</param>
/// <param name="High">The band's upper end, itself within; infinity for none.</param>
/// <param name="Source">Where it comes from.</param>
public sealed record Expectation(double? Value, double Low, double High, string Source)
{
    /// <summary>The paper's value, give or take a share of it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="share">The share, such as 0.1 for 10 %.</param>
    /// <param name="source">Where it comes from.</param>
    /// <returns>The expectation.</returns>
    public static Expectation Near(double value, double share, string source) =>
        new(value, value - (share * Math.Abs(value)), value + (share * Math.Abs(value)), source);

    /// <summary>A value of the same order: at most so many times larger or smaller.</summary>
    /// <param name="value">The value, above 0.</param>
    /// <param name="times">The factor, above 1.</param>
    /// <param name="source">Where it comes from.</param>
    /// <returns>The expectation.</returns>
    public static Expectation SameOrder(double value, double times, string source) => new(value, value / times, value * times, source);

    /// <summary>At most a number.</summary>
    /// <param name="most">The number.</param>
    /// <param name="source">Where it comes from.</param>
    /// <returns>The expectation.</returns>
    public static Expectation AtMost(double most, string source) => new(null, double.NegativeInfinity, most, source);

    /// <summary>A value to look at, without a band.</summary>
    /// <param name="value">The value.</param>
    /// <param name="source">Where it comes from.</param>
    /// <returns>The expectation.</returns>
    public static Expectation Told(double value, string source) => new(value, double.NegativeInfinity, double.PositiveInfinity, source);
}
