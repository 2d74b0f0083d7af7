using System.Diagnostics;
using LowRank.Adapters;
using LowRank.FineTuning.Checkpoints;
using LowRank.FineTuning.Data;
using LowRank.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Training;

/// <summary>Trains a set of adapters and its heads on a task.</summary>
/// <remarks>
/// The loop is plain: take rows, forward, loss, backward, clip and step, report; now and then evaluate and save. The
/// best evaluation's weights are kept and a run that stops improving ends by itself. Everything random is a function of
/// the seed and the step, so two runs with one seed are equal and a resumed run equals one that was never stopped.
/// </remarks>
public sealed class Trainer : IDisposable
{
    private readonly LearningTask _task;
    private readonly AdapterSet _adapters;
    private readonly TrainingOptions _options;
    private readonly IReadOnlyList<TrainingObserver> _observers;
    private readonly string? _checkpointPath;
    private readonly FlatAdamW _optimizer;
    private readonly BatchSampler _sampler;
    private readonly RunIdentity _identity;
    private readonly Seed _seed;
    private readonly (double Adapters, double Heads) _rates;
    private TensorMap _best = new();
    private IReadOnlyList<int[]> _epoch = [];
    private int _epochNumber = -1;
    private bool _gradientsSeen;

    /// <summary>Prepares a run.</summary>
    /// <param name="task">The rows, the loss and the scores.</param>
    /// <param name="adapters">What is trained; attached, not merged.</param>
    /// <param name="options">The run's options.</param>
    /// <param name="observers">Who watches; nobody when null.</param>
    /// <param name="checkpointFolder">Where the checkpoint is kept; null to keep none.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range, or there is nothing to train or to train on.
    /// </exception>
    public Trainer(
        LearningTask task,
        AdapterSet adapters,
        TrainingOptions options,
        IReadOnlyList<TrainingObserver>? observers = null,
        string? checkpointFolder = null)
    {
        _task = Check.NotNull(task);
        _adapters = Check.NotNull(adapters);
        _options = Check.NotNull(options).For(adapters.Options);
        _options.Validate();
        Check.AtLeast(task.Rows, 1, "task.Rows");
        _observers = observers ?? [];
        _checkpointPath = checkpointFolder is null ? null : Path.Combine(checkpointFolder, Checkpoint.FileName);
        _seed = SeedOf(options);
        _rates = (_options.LearningRate ?? 0, _options.HeadLearningRate ?? 0);
        _sampler = Sampler(task, _options);
        _optimizer = new FlatAdamW(adapters.Trained(), _options.Optimizer);
        _identity = new RunIdentity(_options, adapters, task);
    }

    /// <summary>Trains to the end, or until it is stopped.</summary>
    /// <param name="resume">
    /// True to go on from the checkpoint. The run must have the same options, adapters and data; else it starts anew.
    /// </param>
    /// <param name="cancellation">Stops the run after the current step, with a checkpoint.</param>
    /// <returns>Why and where it ended; the adapters then hold the kept weights.</returns>
    /// <exception cref="FileNotFoundException">Resuming, but there is no checkpoint.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged or of another run.</exception>
    /// <exception cref="InvalidOperationException">An adapter takes no part in the loss.</exception>
    /// <exception cref="IOException">A checkpoint or log cannot be written; the last one is intact.</exception>
    public TrainingResult Run(bool resume = false, CancellationToken cancellation = default)
    {
        var progress = resume ? Load() : new TrainingProgress();
        var total = _options.TotalSteps(_task.Rows);
        var speed = new Throughput(0, 0, 0, 0, 0);
        StopReason? reason = null;
        Tell(new TrainingEvent.Started(
            progress.Step, total, _options.StepsPerEpoch(_task.Rows), _task.Rows, _adapters.CountParameters()));
        _task.SetTraining(true);
        while (reason is null && progress.Step < total && !OutOfPatience(progress))
        {
            if (cancellation.IsCancellationRequested)
            {
                Save(progress);
                reason = StopReason.Cancelled;
                break;
            }

            var step = TakeStep(progress.Step, total);
            if (!double.IsFinite(step.Loss) || !double.IsFinite(step.GradientNorm))
            {
                reason = double.IsFinite(step.Loss) ? StopReason.GradientNotFinite : StopReason.LossNotFinite;
                break;
            }

            progress = progress.After(step.Loss, _optimizer.Steps);
            speed = speed with
            {
                Steps = speed.Steps + 1,
                Rows = speed.Rows + step.Rows,
                Tokens = speed.Tokens + step.Tokens,
                Seconds = speed.Seconds + step.Seconds,
            };
            Tell(step);
            var last = progress.Step == total;
            if (last || progress.Step % _options.EvaluationInterval(_task.Rows) == 0)
            {
                progress = Evaluate(progress);
            }

            if (last || OutOfPatience(progress) || progress.Step % _options.CheckpointInterval(_task.Rows) == 0)
            {
                Save(progress);
            }
        }

        _task.SetTraining(false);
        reason ??= progress.Step < total ? StopReason.NoImprovement : StopReason.Completed;
        return Finish(progress, reason.Value, speed with { PeakMemoryBytes = Throughput.PeakMemory() });
    }

    /// <summary>Frees the optimizer's state and the kept weights; the adapters stay.</summary>
    public void Dispose()
    {
        _optimizer.Dispose();
        _best.Dispose();
    }

    /// <summary>The losses of the first steps: what the compressed start of Deep LoRA looks at.</summary>
    /// <param name="task">The task.</param>
    /// <param name="options">The run's options.</param>
    /// <param name="adapter">What is trained; only the compressed form looks, at as many steps as it says.</param>
    /// <param name="seed">Decides what the task draws.</param>
    /// <returns>A loss, computed when called, for each step.</returns>
    public static IReadOnlyList<Func<Tensor>> FirstLosses(LearningTask task, TrainingOptions options, AdapterOptions adapter, Seed seed)
    {
        var sampler = Sampler(Check.NotNull(task), Check.NotNull(options));
        var steps = adapter is DeepLoraOptions { Form: DeepLoraForm.Compressed } deep ? Check.AtLeast(deep.CompressionBatches, 1) : 0;
        return [.. Enumerable.Range(0, steps).Select(sampler.Batch).Select(rows => (Func<Tensor>)(() => task.Loss(rows, seed).Loss))];
    }

    private static Seed SeedOf(TrainingOptions options) => Seed.From(options.Seed).For("training");

    private static BatchSampler Sampler(LearningTask task, TrainingOptions options) =>
        new(task.Rows, options.RowsPerStep, SeedOf(options), dropsLast: options.DropLast);

    private ArraySegment<int> RowsOf(int step)
    {
        var epoch = step / _sampler.BatchesPerEpoch;
        if (epoch != _epochNumber)
        {
            (_epoch, _epochNumber) = (_sampler.Epoch(epoch), epoch);
        }

        return _epoch[step % _sampler.BatchesPerEpoch];
    }

    private TrainingEvent.Stepped TakeStep(int step, int total)
    {
        var clock = Stopwatch.StartNew();
        var rows = RowsOf(step);
        var (loss, tokens) = (0.0, 0L);
        for (var start = 0; start < rows.Count && double.IsFinite(loss); start += _options.BatchSize)
        {
            using var scope = NewDisposeScope();
            var part = rows.Slice(start, Math.Min(_options.BatchSize, rows.Count - start));
            var noise = _seed.For("noise").For(step).For(start);
            _adapters.BeginStep(noise);
            var (mean, count) = _task.Loss(part, noise);
            var share = mean * ((double)part.Count / rows.Count);
            loss += share.ToDouble();
            tokens += count;
            if (double.IsFinite(loss))
            {
                share.backward();
                RequireGradients();
            }
        }

        var rate = _options.Schedule.At(step, total);
        var norm = 0.0;
        if (double.IsFinite(loss))
        {
            norm = _optimizer.Step(_rates.Adapters * rate, _rates.Heads * rate, _options.MaxNorm);
        }
        else
        {
            _optimizer.ClearGradients();
        }

        return new TrainingEvent.Stepped(
            step + 1,
            (step + 1.0) / _options.StepsPerEpoch(_task.Rows),
            loss,
            _rates.Adapters * rate,
            norm,
            rows.Count,
            tokens,
            clock.Elapsed.TotalSeconds);
    }

    // A model that calls a layer's forward instead of call skips its adapter without a word: say so at the first step.
    private void RequireGradients()
    {
        if (_gradientsSeen)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var silent = _adapters.Trained().Where(parameter => parameter.Value.grad is null).ToList();
        _gradientsSeen = silent.Count == 0 ? true : throw new InvalidOperationException(
            $"{silent.Count} trained tensors got no gradient, such as {silent[0].Name}: their layers take no part in "
                + "the loss, or the model does not call them with call.");
    }

    private TrainingProgress Evaluate(TrainingProgress progress)
    {
        var clock = Stopwatch.StartNew();
        _task.SetTraining(false);
        var scores = _task.Evaluate();
        _task.SetTraining(true);
        var main = scores.First(entry => entry.Key == _task.MainScore).Value;
        var improves = progress.Improves(main, _task.MainScore, _task.HigherIsBetter);
        if (improves)
        {
            _best.Dispose();
            _best = Checkpoint.Capture(_adapters);
        }

        Tell(new TrainingEvent.Evaluated(
            progress.Step,
            (double)progress.Step / _options.StepsPerEpoch(_task.Rows),
            scores,
            improves,
            clock.Elapsed.TotalSeconds));
        return improves
            ? progress with { BestStep = progress.Step, BestScores = scores, Waited = 0 }
            : progress with { Waited = progress.Waited + 1 };
    }

    private bool OutOfPatience(TrainingProgress progress) =>
        _options.Patience > 0 && progress.Waited >= _options.Patience;

    private TrainingProgress Load()
    {
        var path = _checkpointPath
            ?? throw new InvalidOperationException("This trainer keeps no checkpoint to resume from.");
        _best.Dispose();
        _best = new TensorMap();
        return Checkpoint.Load(path, _adapters, _optimizer, _best, _identity);
    }

    private void Save(TrainingProgress progress)
    {
        if (_checkpointPath is not null)
        {
            Checkpoint.Save(_checkpointPath, _adapters, _optimizer, _best, progress, _identity);
            Tell(new TrainingEvent.Saved(progress.Step, _checkpointPath));
        }
    }

    private TrainingResult Finish(TrainingProgress progress, StopReason reason, Throughput speed)
    {
        // After a fault the last weights are not trusted, whatever the options say.
        var faulty = reason is StopReason.LossNotFinite or StopReason.GradientNotFinite;
        var keepsBest = progress.BestStep is not null && (_options.KeepBest || faulty);
        if (keepsBest)
        {
            Checkpoint.Apply(_adapters, _best);
        }

        var result = new TrainingResult
        {
            Reason = reason,
            Steps = progress.Step,
            KeptStep = keepsBest ? progress.BestStep ?? 0 : progress.Step,
            MainScore = _task.MainScore,
            BestScores = progress.BestScores,
            TrainingLoss = progress.Losses.DefaultIfEmpty(double.NaN).Average(),
            Throughput = speed,
        };
        Tell(new TrainingEvent.Finished(result));
        return result;
    }

    private void Tell(TrainingEvent happened)
    {
        foreach (var observer in _observers)
        {
            observer.Observe(happened);
        }
    }
}
