using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Weights;

/// <summary>All weights of a model as one file.</summary>
internal static class WeightFile
{
    /// <summary>Writes <c>model.safetensors</c>.</summary>
    /// <exception cref="ArgumentException">Another number format than F32, F16 or BF16.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string folder, torch.nn.Module model, TensorDtype dtype)
    {
        Check.That(
            dtype is TensorDtype.F32 or TensorDtype.F16 or TensorDtype.BF16,
            nameof(dtype),
            $"dtype: got {dtype}; wanted F32, F16 or BF16.");
        using var frozen = torch.no_grad();
        using var weights = new TensorMap();
        foreach (var (name, parameter) in Check.NotNull(model).named_parameters())
        {
            weights.Add(name, parameter.to(dtype.ToScalarType(), copy: true));
        }

        weights.Metadata["format"] = "pt";
        weights.Save(Path.Combine(Check.NotBlank(folder), "model.safetensors"));
    }
}
