using TorchSharp;

[assembly: AssemblyFixture(typeof(LowRank.Experiments.Tests.OneThread))]

namespace LowRank.Experiments.Tests;

/// <summary>Tiny tensors are fastest on one thread, the more so while test classes run side by side.</summary>
public sealed class OneThread
{
    public OneThread() => torch.set_num_threads(1);
}
