using LowRank.Tensors;

namespace LowRank.Transformers.Weights;

/// <summary>Options of <see cref="ModelWriter"/>.</summary>
public sealed record ModelWriterOptions
{
    /// <summary>The number format of the weights.</summary>
    /// <value>F32; or F16, BF16, F64.</value>
    public TensorDtype Dtype { get; init; } = TensorDtype.F32;

    /// <summary>The most bytes of weights in one file; a tensor that is larger gets a file of its own.</summary>
    /// <value>5,000,000,000, as the Python library has it; at least 1.</value>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>Whether a folder of that name is replaced.</summary>
    /// <value>False.</value>
    public bool Replace { get; init; }

    internal void Validate()
    {
        Check.AtLeast(MaxShardBytes, 1);
        Check.That(
            Dtype.IsFloatingPoint(), nameof(Dtype), $"{nameof(Dtype)}: got {Dtype}; wanted F32, F16, BF16 or F64.");
    }
}
