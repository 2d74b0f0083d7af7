using System.Globalization;

namespace LowRank.Adapters;

/// <summary>The memory that training a set of adapters needs beside the model.</summary>
/// <param name="Parameters">The trained numbers.</param>
/// <param name="Bytes">Bytes for factors, their gradients and AdamW's two moments, in single precision.</param>
public sealed record MemoryEstimate(long Parameters, long Bytes)
{
    private const int BytesPerParameter = 4 * sizeof(float);

    /// <summary>Estimates options on layers, before anything is built.</summary>
    /// <param name="options">The adapter options.</param>
    /// <param name="layers">The layers to adapt.</param>
    /// <returns>The estimate.</returns>
    public static MemoryEstimate Of(AdapterOptions options, IReadOnlyList<AdaptedLayer> layers)
    {
        var parameters = layers.Sum(options.CountParameters);
        return new MemoryEstimate(parameters, parameters * BytesPerParameter);
    }

    /// <summary>Throws when the adapters would take more memory than there is.</summary>
    /// <exception cref="InsufficientMemoryException">They would.</exception>
    public void RequireFits()
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (Bytes > available)
        {
            throw new InsufficientMemoryException(string.Create(
                CultureInfo.InvariantCulture,
                $"The adapters have {Parameters:N0} numbers and need {Bytes / 1e9:F1} GB to train; this machine has "
                    + $"{available / 1e9:F1} GB. Choose a smaller rank, fewer layers, or the compressed form."));
        }
    }
}
