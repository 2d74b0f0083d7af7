using System.Globalization;

namespace LowRank.FineTuning.Data;

/// <summary>Reads labels as files write them.</summary>
internal static class LabelText
{
    /// <summary>The label as a whole number; null when it is not written as one.</summary>
    public static long? Whole(string label) =>
        long.TryParse(label, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>The label as a finite number; null when it is not written as one.</summary>
    public static double? Number(string label) =>
        double.TryParse(label, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;
}
