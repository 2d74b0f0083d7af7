using TorchSharp;

namespace LowRank.Experiments.Reproduction;

/// <summary>What a run is given besides its settings.</summary>
/// <param name="Threads">Threads it may use.</param>
/// <param name="PartialFolder">
/// Where a long run keeps what it needs to go on later; need not exist, and is removed when the run is done.
/// </param>
/// <param name="KeepPartial">Keeps what is known so far, so that a report can show it while the run is not done.</param>
/// <param name="Progress">Is told how far the run is; null for nobody.</param>
/// <param name="Device">Where it computes.</param>
/// <param name="Cancellation">Stops the run; it throws then and loses at most what its partial folder lacks.</param>
public sealed record CellContext(
    int Threads,
    string PartialFolder,
    Action<CellResult> KeepPartial,
    IProgress<CellProgress>? Progress,
    torch.Device Device,
    CancellationToken Cancellation)
{
    /// <summary>Whether it computes on the CPU, where some runs have loops of their own.</summary>
    internal bool IsOnCpu => Device.type == DeviceType.CPU;
}
