using System.Diagnostics;
using System.Globalization;

namespace LowRank.FineTuning.Training;

/// <summary>Speed and memory of a session of training; evaluation and saving are not counted as steps.</summary>
/// <param name="Steps">Steps taken.</param>
/// <param name="Rows">Rows trained on.</param>
/// <param name="Tokens">Tokens trained on.</param>
/// <param name="Seconds">Seconds spent in steps.</param>
/// <param name="PeakMemoryBytes">The most memory the process ever held.</param>
public sealed record Throughput(int Steps, long Rows, long Tokens, double Seconds, long PeakMemoryBytes)
{
    /// <summary>Rows per second.</summary>
    public double SamplesPerSecond => Seconds > 0 ? Rows / Seconds : 0;

    /// <summary>Tokens per second.</summary>
    public double TokensPerSecond => Seconds > 0 ? Tokens / Seconds : 0;

    /// <summary>Seconds per step.</summary>
    public double SecondsPerStep => Steps > 0 ? Seconds / Steps : 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{SecondsPerStep:F3} s/step, {SamplesPerSecond:F1} samples/s, {TokensPerSecond:F0} tokens/s, "
            + $"peak memory {PeakMemoryBytes / 1e6:F0} MB");

    /// <summary>The most memory this process ever held, in bytes.</summary>
    /// <returns>The peak of the resident set; 0 where the system does not tell.</returns>
    public static long PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}
