namespace LowRank.Cli.Commands;

/// <summary>What <c>lowrank doctor</c> found.</summary>
internal sealed record DoctorFindings
{
    public required string LowRank { get; init; }

    public required string DotNet { get; init; }

    public required string System { get; init; }

    public required string TorchSharp { get; init; }

    public required string? LibTorch { get; init; }

    public required string? NativeFile { get; init; }

    public required bool? Mended { get; init; }

    public required string Processor { get; init; }

    public required IReadOnlyList<string> VectorInstructions { get; init; }

    public required int Processors { get; init; }

    public required int? TorchThreads { get; init; }

    public required double MemoryGiB { get; init; }

    public required double FreeDiskGiB { get; init; }

    public required string Cuda { get; init; }

    public required string Product { get; init; }

    public required IReadOnlyList<DoctorProblem> Problems { get; init; }

    /// <summary>Whether a small matrix product ran and came out right.</summary>
    public required bool Ready { get; init; }
}
