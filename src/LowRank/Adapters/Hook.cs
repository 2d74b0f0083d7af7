using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>A forward hook that comes off when disposed.</summary>
internal sealed class Hook : IDisposable
{
    private readonly Action _remove;

    internal Hook(nn.Module<Tensor, Tensor> module, Func<Tensor, Tensor, Tensor> observer)
    {
        var remover = module.register_forward_hook((_, input, output) => observer(input, output));
        _remove = remover.remove;
    }

    public void Dispose() => _remove();
}
