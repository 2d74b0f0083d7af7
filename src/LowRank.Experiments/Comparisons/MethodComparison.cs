using System.Diagnostics;
using LowRank.Adapters;
using LowRank.Experiments.Methods;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Tensors;

namespace LowRank.Experiments.Comparisons;

/// <summary>Runs the runs of a comparison, one after another, on one loaded model.</summary>
/// <remarks>
/// Runs are independent: in whatever order, on whatever machine they are made, a run with the same versions and number
/// of threads gives the same numbers. A seed stands for the same rows, order and head with every method.
/// </remarks>
public sealed class MethodComparison : IDisposable
{
    private readonly ComparisonOptions _options;
    private readonly ComparisonRows _rows;
    private readonly BaseModel _base;

    /// <summary>Reads the rows, loads the model, and tries every method for faults that would show later.</summary>
    /// <param name="options">What is compared.</param>
    /// <exception cref="ArgumentException">An option does not fit the rows, the model or the others.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or nothing can be learned from it.</exception>
    public MethodComparison(ComparisonOptions options)
    {
        var common = Check.NotNull(options).Common;
        options = options with { Common = common with { Data = options.Data.For(common.ModelFolder) } };
        _options = options;
        Cells = options.Cells();
        _rows = ComparisonRows.Read(options);
        _rows.RequireEnough(options.Samples);
        Settings = ComparisonSettings.Of(options, _rows);
        _base = BaseModel.Load(options.Common.ModelFolder, _rows.Test, ComputeDevice.Open(options.Common.Device));
        try
        {
            foreach (var cell in Cells.DistinctBy(cell => (cell.Method, cell.Rank)))
            {
                Tuner(cell).Dispose();
            }
        }
        catch
        {
            _base.Dispose();
            throw;
        }
    }

    /// <summary>Every run.</summary>
    public IReadOnlyList<ComparisonCell> Cells { get; }

    /// <summary>What all runs share.</summary>
    public ComparisonSettings Settings { get; }

    /// <summary>Fine-tunes once.</summary>
    /// <param name="cell">The run.</param>
    /// <param name="cancellation">Stops after the current step.</param>
    /// <returns>What came out.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; nothing came out.</exception>
    public ComparisonRun Run(ComparisonCell cell, CancellationToken cancellation = default)
    {
        PeakMemory.Reset();
        var clock = Stopwatch.StartNew();
        using var tuner = Tuner(Check.NotNull(cell));
        var losses = new LossWatch();
        var result = tuner.Train([losses], cancellation);
        if (result.Reason == StopReason.Cancelled)
        {
            throw new OperationCanceledException(cancellation);
        }

        return new()
        {
            Cell = cell,
            DefaultLearningRate = MethodCatalogue.Find(cell.Method).DefaultLearningRate(cell.Rank),
            Outcome = result.Reason,
            Steps = result.Steps,
            KeptStep = result.KeptStep,
            Test = tuner.Evaluate(_rows.Test).ToDictionary(),
            Validation = result.BestScores.ToDictionary(),
            FirstLoss = losses.First,
            LastLoss = result.TrainingLoss,
            StepsToLoss = [.. _options.LossLevels.Select(losses.StepsTo)],
            LossCurve = losses.Curve(),
            TrainableParameters = tuner.Adapters.CountParameters().Trainable,
            Versions = RunVersions.Here(),
            Cost = new(clock.Elapsed.TotalSeconds, result.Throughput.SecondsPerStep, Throughput.PeakMemory()),
        };
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => _base.Dispose();

    private TextFineTuner Tuner(ComparisonCell cell)
    {
        var (training, validation) = _rows.For(cell.Samples, cell.Seed);
        var common = Settings.Common;
        return new(
            common with
            {
                Adapter = cell.Adapter is FactorOptions factors && common.Adapter is FactorOptions { Dropout: var dropout }
                    ? factors with { Dropout = dropout }
                    : cell.Adapter,
                Training = common.Training.WithWarmUp(_options.WarmUp, training.Count) with
                {
                    LearningRate = cell.LearningRate,
                    Seed = cell.Seed,
                },
            },
            _base,
            training,
            validation);
    }
}
