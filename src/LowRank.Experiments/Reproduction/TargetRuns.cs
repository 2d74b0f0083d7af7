using System.Diagnostics;
using LowRank.Experiments.Comparisons;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Experiments.Reproduction;

/// <summary>Makes a target's runs, one after another.</summary>
/// <remarks>
/// Runs are independent: in whatever order, on whatever machine they are made, a run with the same versions and number
/// of threads gives the same numbers.
/// </remarks>
public sealed class TargetRuns
{
    private readonly ReproductionOptions _options;

    /// <summary>Prepares a target's folder and lists its runs.</summary>
    /// <param name="target">The target.</param>
    /// <param name="options">What the user chose.</param>
    /// <param name="root">The folder of all targets.</param>
    /// <param name="part">The part of the runs to make; null for all.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="InvalidDataException">The folder holds runs under other settings.</exception>
    public TargetRuns(Target target, ReproductionOptions options, string root, Shard? part = null)
    {
        _options = Check.NotNull(options);
        options.Validate();
        Folder = ReproductionFolder.Create(root, target, options);
        var all = target.Cells(options);
        Cells = part?.Of(all) ?? all;
    }

    /// <summary>The target's folder.</summary>
    public ReproductionFolder Folder { get; }

    /// <summary>The runs, in the order in which they are made.</summary>
    public IReadOnlyList<Cell> Cells { get; }

    /// <summary>The runs that are not there yet.</summary>
    public IReadOnlyList<Cell> Missing => [.. Cells.Where(cell => !Folder.Has(cell))];

    /// <summary>Makes a run and keeps it.</summary>
    /// <param name="cell">The run.</param>
    /// <param name="progress">Is told how far it is; null for nobody.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="PlatformNotSupportedException">There is no such device here.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; the same call goes on where a long run left off.</exception>
    public void Make(Cell cell, IProgress<CellProgress>? progress = null, CancellationToken cancellation = default)
    {
        Check.NotNull(cell);
        var device = ComputeDevice.Open(_options.Device); // before all else that computes
        torch.set_num_threads(_options.Threads);
        var load = MachineFacts.LoadAverage();
        var (clock, processor) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        CellRecord Record(CellResult result) => new()
        {
            Labels = cell.Labels.ToDictionary(label => label.Name, label => label.Value),
            Seed = cell.Seed,
            Result = result,
            Cost = new(
                Math.Round(clock.Elapsed.TotalSeconds, 3),
                Math.Round((Environment.CpuUsage.TotalTime - processor).TotalSeconds, 3),
                MachineFacts.Processor,
                Environment.ProcessorCount,
                load),
            Versions = RunVersions.Here(),
        };

        Folder.Write(cell, Record(cell.Run(new(
            _options.Threads,
            Folder.PartialOf(cell),
            partial => Folder.WritePartial(cell, Record(partial)),
            progress,
            device,
            cancellation))));
    }
}
