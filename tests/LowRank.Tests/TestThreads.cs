using System.Runtime.CompilerServices;
using TorchSharp;

namespace LowRank.Tests;

/// <summary>
/// One torch thread per test: the classes already run side by side, and on matrices this small a second thread costs
/// ten times more than it gives when processors are busy.
/// </summary>
internal static class TestThreads
{
    [ModuleInitializer]
    internal static void UseOne() => torch.set_num_threads(1);
}
