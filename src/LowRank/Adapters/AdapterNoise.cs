using LowRank.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>The adapters' dropout: a function of the step and the layer, so that nothing else moves it.</summary>
/// <remarks>
/// A layer that runs again for the same step, as gradient checkpointing makes it, drops the same features again.
/// </remarks>
internal sealed class AdapterNoise : IDisposable
{
    private readonly Generator _generator = new Seed(0).Generator();

    /// <summary>The present step's seed.</summary>
    internal Seed Step { get; set; }

    public void Dispose() => _generator.Dispose();

    /// <summary>A layer's mask: 0 where dropped, 1 / (1 - rate) where kept; the caller's scope owns it.</summary>
    /// <param name="like">Its shape, type and device.</param>
    /// <param name="rate">The share that is dropped.</param>
    /// <param name="path">The layer.</param>
    internal Tensor Mask(Tensor like, double rate, string path)
    {
        var seed = Step.For(path);
        if (like.device_type != DeviceType.CPU)
        {
            return HashedMask.Create(like.shape, rate, seed, like.dtype, like.device);
        }

        _generator.manual_seed((long)(seed.Value >> 1));
        return empty_like(like).bernoulli_(1 - rate, _generator).div_(1 - rate);
    }
}
