using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>The adapters' dropout: a function of the step and the layer, so that nothing else moves it.</summary>
/// <remarks>
/// A layer that runs again for the same step, as gradient checkpointing makes it, drops the same features again.
/// </remarks>
internal sealed class AdapterNoise(Device device) : IDisposable
{
    private readonly Generator _generator = new Seed(0).Generator(device);

    /// <summary>The present step's seed.</summary>
    internal Seed Step { get; set; }

    public void Dispose() => _generator.Dispose();

    /// <summary>The stream of a layer, from its start.</summary>
    internal Generator For(string path)
    {
        _generator.manual_seed((long)(Step.For(path).Value >> 1));
        return _generator;
    }
}
