using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Numbers out of tensors, wherever these live.</summary>
/// <remarks>
/// TorchSharp reads the memory of a tensor and refuses that of other devices; here it is copied first. One source file,
/// linked into each library that reads.
/// </remarks>
internal static class Reading
{
    /// <summary>The number of a tensor that holds one.</summary>
    public static T ReadNumber<T>(this Tensor tensor)
        where T : unmanaged
    {
#pragma warning disable RS0030 // the one place that knows where the tensor is
        if (tensor.device_type == DeviceType.CPU)
        {
            return tensor.item<T>();
        }

        using var here = tensor.cpu();
        return here.item<T>();
#pragma warning restore RS0030
    }

    /// <summary>All numbers of a tensor, in the order of its indices.</summary>
    public static T[] ReadNumbers<T>(this Tensor tensor)
        where T : unmanaged
    {
        using var here = tensor.cpu();
#pragma warning disable RS0030 // the one place that knows where the tensor is
        return here.data<T>().ToArray();
#pragma warning restore RS0030
    }
}
