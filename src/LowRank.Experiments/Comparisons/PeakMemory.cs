namespace LowRank.Experiments.Comparisons;

/// <summary>The process's highest memory, counted per run.</summary>
internal static class PeakMemory
{
    private const string ClearReferences = "/proc/self/clear_refs";
    private const string OfThePeak = "5";

    /// <summary>Begins to count anew, where the system can; elsewhere the peak is the whole process's.</summary>
    public static void Reset()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                File.WriteAllText(ClearReferences, OfThePeak);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A container may forbid it: the peak is then the whole process's, as its documentation says.
        }
    }
}
