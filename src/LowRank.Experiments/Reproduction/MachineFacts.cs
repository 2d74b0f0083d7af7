using System.Globalization;
using System.Runtime.InteropServices;

namespace LowRank.Experiments.Reproduction;

/// <summary>What can be read of the machine; unknown where the system does not say.</summary>
internal static class MachineFacts
{
    private const string Processors = "/proc/cpuinfo";
    private const string Load = "/proc/loadavg";

    /// <summary>The processor's name.</summary>
    public static string Processor { get; } = First(Processors, "model name")?.Split(':', 2)[^1].Trim()
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The load average of the last minute.</summary>
    public static double? LoadAverage() =>
        double.TryParse(First(Load, "")?.Split(' ')[0], CultureInfo.InvariantCulture, out var load) ? load : null;

    private static string? First(string file, string start)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
