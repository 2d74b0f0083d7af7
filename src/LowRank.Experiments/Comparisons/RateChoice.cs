using System.Globalization;

namespace LowRank.Experiments.Comparisons;

/// <summary>A learning rate to try: a number, or a multiple of each method's own default.</summary>
/// <param name="Value">The number; above 0.</param>
/// <param name="IsMultiple">Whether it multiplies the method's default.</param>
public sealed record RateChoice(double Value, bool IsMultiple)
{
    private const int Digits = 12;

    /// <summary>Reads a choice.</summary>
    /// <param name="text"><c>0.0005</c>, or <c>4x</c> for four times the method's default.</param>
    /// <returns>The choice.</returns>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static RateChoice Parse(string text)
    {
        var multiple = Tensors.Check.NotBlank(text).Trim().EndsWith('x');
        return double.TryParse(text.Trim().TrimEnd('x'), CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) && value > 0
            ? new(value, multiple)
            : throw new ArgumentException(
                $"learning rates: got '{text}'; wanted a number above 0, such as 0.0005, or a multiple of each "
                    + "method's default, such as 0.25x.", nameof(text));
    }

    /// <summary>The learning rate for a method.</summary>
    /// <param name="defaultRate">The method's default.</param>
    /// <returns>The rate, without the last digits' rounding noise: it becomes part of file names.</returns>
    public double For(double defaultRate) => !IsMultiple ? Value : double.Parse(
        (Value * defaultRate).ToString($"G{Digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
