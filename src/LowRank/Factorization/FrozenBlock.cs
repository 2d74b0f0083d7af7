using LowRank.Tensors;

namespace LowRank.Factorization;

/// <summary>The frozen part of the theorem in closed form: scalars that need no matrix.</summary>
public static class FrozenBlock
{
    /// <summary>The frozen values of all factors over a run of plain gradient descent.</summary>
    /// <remarks>
    /// ρ_l ← ρ_l (1 − ηλ − η ∏_{k≠l} ρ_k²), from ρ_l = ε_l (theory 2), for the loss on the sum scale.
    /// </remarks>
    /// <param name="scales">Initial scales ε_1 … ε_L.</param>
    /// <param name="stepSize">Step size η, above 0.</param>
    /// <param name="weightDecay">Weight decay λ, at least 0.</param>
    /// <param name="steps">Steps taken, at least 0.</param>
    /// <returns>Steps + 1 arrays of L numbers; the first is the start.</returns>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static double[][] Trajectory(IReadOnlyList<double> scales, double stepSize, double weightDecay, int steps)
    {
        Check.NotNull(scales);
        Check.Positive(stepSize);
        Check.NotNegative(weightDecay);
        Check.AtLeast(steps, 0);
        var trajectory = new double[steps + 1][];
        trajectory[0] = [.. scales];
        for (var step = 1; step <= steps; step++)
        {
            var last = trajectory[step - 1];
            trajectory[step] = [.. last.Select((value, layer) =>
                value * (1 - (stepSize * weightDecay) - (stepSize * OthersSquared(last, layer))))];
        }

        return trajectory;
    }

    /// <summary>The gap between the wide model and its compressed run: √count · ∏ ρ_l, in the Frobenius norm.</summary>
    /// <param name="frozenValues">The values ρ_1 … ρ_L at one step.</param>
    /// <param name="count">Frozen directions, d − 2r, at least 0.</param>
    /// <returns>A number, at least 0.</returns>
    /// <exception cref="ArgumentException">The count is negative.</exception>
    public static double Gap(IReadOnlyList<double> frozenValues, long count)
    {
        Check.NotNull(frozenValues);
        Check.AtLeast(count, 0);
        return Math.Sqrt(count) * Math.Abs(frozenValues.Aggregate(1.0, (product, value) => product * value));
    }

    private static double OthersSquared(double[] values, int layer)
    {
        var product = 1.0;
        for (var k = 0; k < values.Length; k++)
        {
            product *= k == layer ? 1 : values[k] * values[k];
        }

        return product;
    }
}
