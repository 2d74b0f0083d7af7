using System.Globalization;

namespace LowRank.Adapters;

/// <summary>How many numbers are trained and how many there are.</summary>
/// <param name="Trainable">Numbers that are trained: adapter factors and heads.</param>
/// <param name="All">All numbers of the model and its adapters.</param>
public sealed record ParameterCount(long Trainable, long All)
{
    /// <summary>The trained share in percent.</summary>
    public double Percent => 100.0 * Trainable / Math.Max(All, 1);

    /// <summary>The line that PEFT prints.</summary>
    /// <returns><c>trainable params: a || all params: b || trainable%: c</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"trainable params: {Trainable:N0} || all params: {All:N0} || trainable%: {Percent:F4}");
}
