using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>Frees what custom functions take and give in the backward pass as soon as libtorch has it.</summary>
/// <remarks>
/// TorchSharp leaves these handles to the dispose scope around the whole backward pass, so that every gradient of every
/// layer would live until its end.
/// </remarks>
internal static class Gradients
{
    [ThreadStatic]
    private static List<Tensor>? _last;

    /// <summary>What a backward function returns; libtorch holds on to it, so the handles go at the next one.</summary>
    /// <param name="taken">The gradient that the function was given; freed.</param>
    /// <param name="given">The gradients that it returns; null where there is none.</param>
    public static List<Tensor> Hand(Tensor taken, params List<Tensor?> given)
    {
        _last?.ForEach(gradient => gradient?.Dispose());
        taken.Dispose();
        _last = given!; // TorchSharp takes null for "no gradient", though the list's type does not say so
        return _last;
    }
}
