using System.Globalization;
using System.Text.Json.Serialization;

namespace LowRank.Experiments.Reproduction;

/// <summary>A number of ours beside what was expected.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Ours">Our number, the mean over the runs; NaN when there is no run yet.</param>
/// <param name="Expected">What it should be; null for a number without an expectation.</param>
public sealed record Finding(string Name, double Ours, Expectation? Expected)
{
    /// <summary>The least over the runs.</summary>
    public double Least { get; init; } = Ours;

    /// <summary>The most over the runs.</summary>
    public double Most { get; init; } = Ours;

    /// <summary>How many runs there are.</summary>
    public int Runs { get; init; } = 1;

    /// <summary>What to keep in mind, such as that it is extrapolated; empty for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>Whether it is as expected.</summary>
    public Verdict Verdict => double.IsNaN(Ours) ? Verdict.Missing
        : Expected is null || (double.IsInfinity(Expected.Low) && double.IsInfinity(Expected.High)) ? Verdict.None
        : Ours >= Expected.Low && Ours <= Expected.High ? Verdict.Within
        : Verdict.Outside;

    /// <summary>Our number with the spread of the runs.</summary>
    [JsonIgnore]
    public string OursText => double.IsNaN(Ours) ? "not made yet"
        : Runs > 1 ? $"{Text(Ours)} ({Text(Least)} to {Text(Most)}, {Runs} runs)"
        : Text(Ours);

    /// <summary>The expected value.</summary>
    [JsonIgnore]
    public string ExpectedText => Expected?.Value is { } value ? Text(value) : "";

    /// <summary>The band.</summary>
    [JsonIgnore]
    public string BandText => Expected switch
    {
        null => "",
        { Low: double.NegativeInfinity, High: double.PositiveInfinity } => "",
        { Low: double.NegativeInfinity } => $"at most {Text(Expected.High)}",
        { High: double.PositiveInfinity } => $"at least {Text(Expected.Low)}",
        _ => $"{Text(Expected.Low)} to {Text(Expected.High)}",
    };

    /// <summary>A finding over several runs: their mean, least and most.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="values">The runs' numbers; may be none.</param>
    /// <param name="expected">What it should be.</param>
    /// <param name="note">What to keep in mind.</param>
    /// <returns>The finding.</returns>
    public static Finding Of(string name, IEnumerable<double> values, Expectation? expected, string note = "")
    {
        var numbers = values.Where(double.IsFinite).ToList();
        return numbers.Count == 0
            ? new(name, double.NaN, expected) { Note = note, Runs = 0 }
            : new(name, numbers.Average(), expected) { Least = numbers.Min(), Most = numbers.Max(), Runs = numbers.Count, Note = note };
    }

    /// <summary>A number as tables show it: three or four digits that matter.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The text.</returns>
    public static string Text(double value) => value switch
    {
        0 => "0",
        _ when Math.Abs(value) is >= 1e5 or < 1e-3 => value.ToString("0.00e+0", CultureInfo.InvariantCulture),
        _ when Math.Abs(value) >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => value.ToString("G4", CultureInfo.InvariantCulture),
    };
}
