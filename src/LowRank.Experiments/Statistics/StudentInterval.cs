using LowRank.Tensors;
using MathNet.Numerics.Distributions;

namespace LowRank.Experiments.Statistics;

/// <summary>How far a mean of few numbers can be trusted.</summary>
internal static class StudentInterval
{
    private const double UpperTail = 0.975;

    /// <summary>Half the width of the 95 % confidence interval of a mean, by Student's t.</summary>
    /// <returns>Not-a-number for fewer than two numbers.</returns>
    public static double HalfWidth(IReadOnlyList<double> values) => values.Count < 2
        ? double.NaN
        : StudentT.InvCDF(0, 1, values.Count - 1, UpperTail) * Deviation(values) / Math.Sqrt(values.Count);

    /// <summary>The standard deviation with the divisor n - 1.</summary>
    /// <returns>Not-a-number for fewer than two numbers.</returns>
    public static double Deviation(IReadOnlyList<double> values)
    {
        var mean = Check.NotNull(values).Average();
        return values.Count < 2
            ? double.NaN
            : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}
