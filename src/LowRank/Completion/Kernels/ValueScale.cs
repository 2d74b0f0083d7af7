namespace LowRank.Completion.Kernels;

/// <summary>Centres and scales values, so that the solvers see numbers of about unit size whatever the units.</summary>
/// <param name="Mean">Taken off each value.</param>
/// <param name="Deviation">Then divided by; 1 where the values do not vary.</param>
/// <param name="Varies">Whether the values differ from <paramref name="Mean"/> at all.</param>
internal readonly record struct ValueScale(double Mean, double Deviation, bool Varies)
{
    /// <summary>Values as they are.</summary>
    public static ValueScale None => new(0, 1, true);

    public double Apply(double value) => (value - Mean) / Deviation;

    public double Restore(double value) => Mean + (value * Deviation);

    /// <summary>The mean (or zero) and deviation of the entries that are not held out.</summary>
    public static ValueScale Of(ObservedMatrix data, bool[]? heldOut, bool centre)
    {
        // Everything is divided by the largest value first, so that squares stay finite.
        var values = data.Values;
        var largest = 0.0;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        if (largest == 0)
        {
            return new(0, 1, false);
        }

        double sum = 0, squares = 0;
        var count = 0;
        for (var k = 0; k < values.Length; k++)
        {
            if (heldOut is null || !heldOut[k])
            {
                var x = values[k] / largest;
                sum += x;
                squares += x * x;
                count++;
            }
        }

        var mean = centre && count > 0 ? sum / count : 0;
        var variance = (squares / Math.Max(1, count)) - (mean * mean);
        var varies = variance > 1e-15;
        return new(mean * largest, varies ? Math.Sqrt(variance) * largest : 1, varies);
    }
}
