using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Moves the bytes of CPU tensors of any size in parts that a span can hold.</summary>
internal static class TensorBytes
{
    /// <summary>Handles one part of the bytes.</summary>
    /// <param name="start">First byte of the part.</param>
    /// <param name="bytes">The part, directly in the tensor's memory.</param>
    public delegate void Part(long start, Span<byte> bytes);

    /// <summary>Gives the memory of a contiguous CPU tensor to a function, part by part.</summary>
    /// <param name="tensor">Contiguous, on the CPU.</param>
    /// <param name="part">Called in order of the bytes.</param>
    /// <param name="partBytes">Largest part; a multiple of 8.</param>
    public static void Fill(Tensor tensor, Part part, int partBytes)
    {
        var elements = tensor.numel();
        if (elements == 0)
        {
            return;
        }

        var size = tensor.ElementSize;
        var step = partBytes / size;
        using var scope = NewDisposeScope();
        var flat = tensor.view(-1);
        for (var first = 0L; first < elements; first += step)
        {
            var count = Math.Min(step, elements - first);
            part(first * size, flat.narrow(0, first, count).bytes);
        }
    }
}
