using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Benchmarks;

/// <summary>The two factors of a plain LoRA update of one layer.</summary>
internal sealed class LoraPair
{
    public LoraPair(Linear layer, int rank)
    {
        Down = new Parameter(torch.randn(rank, layer.weight!.size(1)) * 0.02);
        Up = new Parameter(torch.zeros(layer.weight!.size(0), rank));
    }

    /// <summary>Shape [rank, in].</summary>
    public Parameter Down { get; }

    /// <summary>Shape [out, rank].</summary>
    public Parameter Up { get; }
}
