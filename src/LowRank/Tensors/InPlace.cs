using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>In-place arithmetic with numbers that is safe in loops.</summary>
/// <remarks>
/// TorchSharp turns a number into a <see cref="TorchSharp.Scalar"/> whose finalizer frees the native half. Nothing
/// refers to it while the native call runs, so a collection at that moment frees a number in use: the call then fails
/// or computes with what the memory holds now. Here the scalar is disposed after the call, which keeps it until then.
/// One source file, linked into each library that steps.
/// </remarks>
internal static class InPlace
{
    /// <summary>target += factor x other.</summary>
    public static void AddScaled(this Tensor target, Tensor other, double factor)
    {
        using TorchSharp.Scalar scalar = factor;
        target.add_(other, scalar);
    }

    /// <summary>target *= factor.</summary>
    public static void Scale(this Tensor target, double factor)
    {
        using TorchSharp.Scalar scalar = factor;
        target.mul_(scalar);
    }

    /// <summary>target += number.</summary>
    public static void Shift(this Tensor target, double number)
    {
        using TorchSharp.Scalar scalar = number;
        target.add_(scalar);
    }

    /// <summary>target += factor x a x b, entry by entry.</summary>
    public static void AddProduct(this Tensor target, Tensor a, Tensor b, double factor)
    {
        using TorchSharp.Scalar scalar = factor;
        target.addcmul_(a, b, scalar);
    }

    /// <summary>target += factor x a / b, entry by entry.</summary>
    public static void AddQuotient(this Tensor target, Tensor a, Tensor b, double factor)
    {
        using TorchSharp.Scalar scalar = factor;
        target.addcdiv_(a, b, scalar);
    }
}
