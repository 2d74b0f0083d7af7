namespace LowRank.FineTuning.Metrics;

/// <summary>Correlations of two lists of numbers, equal to SciPy's.</summary>
public static class Correlation
{
    /// <summary>Pearson's correlation: how well a straight line describes one list by the other.</summary>
    /// <remarks>The mean-free lists are scaled to unit length before their product, so that large numbers do not
    /// overflow.</remarks>
    /// <param name="left">Numbers.</param>
    /// <param name="right">As many numbers.</param>
    /// <returns>-1 to 1; not-a-number when either list is constant, has one number only, or holds one that is not
    /// finite (SciPy's answer, with a warning).</returns>
    /// <exception cref="ArgumentException">The lists are empty or of different lengths.</exception>
    public static double Pearson(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        Rows.CheckLengths(left.Length, right.Length);
        var (unitLeft, unitRight) = (Unit(left), Unit(right));
        if (unitLeft is null || unitRight is null)
        {
            return double.NaN;
        }

        var product = 0.0;
        for (var i = 0; i < unitLeft.Length; i++)
        {
            product += unitLeft[i] * unitRight[i];
        }

        return Math.Clamp(product, -1, 1);
    }

    /// <summary>Spearman's correlation: Pearson's, of the ranks.</summary>
    /// <param name="left">Numbers.</param>
    /// <param name="right">As many numbers.</param>
    /// <returns>-1 to 1; not-a-number when either list is constant, has one number only, or holds a not-a-number.
    /// </returns>
    /// <exception cref="ArgumentException">The lists are empty or of different lengths.</exception>
    public static double Spearman(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        Rows.CheckLengths(left.Length, right.Length);
        return HasNaN(left) || HasNaN(right) ? double.NaN : Pearson(Ranks(left), Ranks(right));
    }

    /// <summary>The rank of each number, from 1 for the least; equal numbers share the mean of their ranks.</summary>
    /// <param name="values">Numbers, none of them not-a-number.</param>
    /// <returns>As many ranks.</returns>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        var order = new int[values.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        var sorted = values.ToArray();
        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        var start = 0;
        while (start < sorted.Length)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start])
            {
                end++;
            }

            for (var i = start; i < end; i++)
            {
                ranks[order[i]] = (start + 1 + end) / 2.0;
            }

            start = end;
        }

        return ranks;
    }

    // The list less its mean, at unit length; null when it is constant or not finite.
    private static double[]? Unit(ReadOnlySpan<double> values)
    {
        // Math.Min and Math.Max pass a not-a-number on.
        double low = values[0], high = values[0];
        foreach (var value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        if (!double.IsFinite(low) || !double.IsFinite(high) || low == high)
        {
            return null;
        }

        var scale = Math.Max(Math.Abs(low), Math.Abs(high));
        var mean = 0.0;
        var centred = new double[values.Length];
        for (var i = 0; i < centred.Length; i++)
        {
            centred[i] = values[i] / scale;
            mean += centred[i] / centred.Length;
        }

        var squares = 0.0;
        for (var i = 0; i < centred.Length; i++)
        {
            centred[i] -= mean;
            squares += centred[i] * centred[i];
        }

        var length = Math.Sqrt(squares);
        if (length == 0)
        {
            return null;
        }

        for (var i = 0; i < centred.Length; i++)
        {
            centred[i] /= length;
        }

        return centred;
    }

    private static bool HasNaN(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value))
            {
                return true;
            }
        }

        return false;
    }
}
