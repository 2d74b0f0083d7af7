using System.Globalization;
using System.Runtime.InteropServices;

namespace LowRank.Benchmarks;

/// <summary>The peak resident memory of an action, on Linux.</summary>
internal static partial class PeakMemory
{
    /// <summary>MiB at the highest point while the action runs; NaN where the system does not say.</summary>
    public static double Of(Action action)
    {
        if (!OperatingSystem.IsLinux())
        {
            action();
            return double.NaN;
        }

        // Freed memory goes back first, so that what other ways left behind is not counted; "5" resets the peak.
        GC.Collect();
        _ = Trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
        action();
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return double.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Trim(nuint pad);
}
