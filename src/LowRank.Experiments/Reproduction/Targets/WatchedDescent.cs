using System.Globalization;
using LowRank.Factorization;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Plain gradient descent with its curve written down, which goes on where it was stopped.</summary>
/// <remarks>
/// Plain descent has no memory: the factors and the step are all that it takes to go on to the same bits. They are kept
/// once a minute. The time of looking is not counted.
/// </remarks>
/// <param name="options">The descent, by <see cref="DescentRule.Plain"/>.</param>
/// <param name="context">What the run was given.</param>
internal sealed class WatchedDescent(DescentOptions options, CellContext context) : DescentObserver
{
    private const string CurveName = "curve.json";
    private const string Digits = "E8";
    private const double Falling = 0.99; // the loss has begun to fall when it is below this share of the first one

    private readonly Meter _meter = new();
    private List<IReadOnlyList<double>> _curve = [];
    private List<IReadOnlyList<double>> _snapshots = [];
    private double[] _earlier = [0, 0];
    private double _kept;
    private int _offset;

    /// <summary>The loss on the entries that are not known; null when all are.</summary>
    public Objective? Recovery { get; init; }

    /// <summary>Entries of the product to write down, counted row by row; empty for none.</summary>
    public IReadOnlyList<long> Entries { get; init; } = [];

    /// <summary>At how many checks the entries are kept before the loss begins to fall, and after.</summary>
    public (int Before, int After) Snapshots { get; init; }

    /// <summary>How much is lost at most when it is stopped.</summary>
    public TimeSpan KeepEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Descends.</summary>
    /// <param name="model">At its start; changed in place.</param>
    /// <param name="objective">The loss.</param>
    /// <returns>
    /// Numbers <c>iterations</c>, <c>train_loss</c>, <c>recovery_error</c>, <c>seconds</c>, <c>processor_seconds</c>, <c>reached</c>
    /// (1 when the tolerance was reached); series <c>curve</c> (step, loss, recovery error, seconds, processor seconds) and
    /// <c>entries</c> (step, then the entries).
    /// </returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public CellResult Run(MatrixModel model, Objective objective)
    {
        GoOn(model);
        _meter.Start();
        var rest = options with { MaxSteps = options.MaxSteps - _offset };
        var fit = new GradientDescent(rest).Fit(model, objective, this, context.Cancellation);
        _meter.Stop();
        return fit.StopReason == StopReason.Cancelled
            ? throw new OperationCanceledException(context.Cancellation)
            : Result(complete: true, fit.StopReason);
    }

    /// <inheritdoc/>
    public override bool Wants(int taken) => taken % options.CheckEvery == 0 && (taken > 0 || _offset == 0);

    /// <inheritdoc/>
    public override void Observe(int taken, double loss, MatrixModel model)
    {
        _meter.Stop();
        var (step, seconds, processor) = (_offset + taken, _earlier[0] + _meter.Seconds, _earlier[1] + _meter.ProcessorSeconds);
        using (torch.NewDisposeScope())
        {
            var product = Recovery is not null || Entries.Count > 0 ? model.Product() : null;
            var recovery = Recovery is not null && product is not null ? Recovery.Loss(product) : double.NaN;
            _curve.Add([step, Rounded(loss), Rounded(recovery), Rounded(seconds), Rounded(processor)]);
            if (Entries.Count > 0 && product is not null)
            {
                var picked = product.reshape(-1).index_select(0, torch.tensor(Entries.ToArray(), device: product.device));
                KeepSnapshot([step, .. picked.ReadNumbers<double>().Select(Rounded)]);
            }
        }

        context.Progress?.Report(new(step, options.MaxSteps, FormattableString.Invariant($"loss {loss:0.0e+0}")));
        if (_meter.Seconds - _kept > KeepEvery.TotalSeconds)
        {
            Keep(model);
        }

        _meter.Start();
    }

    private void KeepSnapshot(IReadOnlyList<double> snapshot)
    {
        var since = _curve.Count(row => row[1] < Falling * _curve[0][1]);
        if (since == 0 && _snapshots.Count == Snapshots.Before)
        {
            _snapshots.RemoveAt(0);
        }

        if (since <= Snapshots.After)
        {
            _snapshots.Add(snapshot);
        }
    }

    private CellResult Result(bool complete, StopReason reason)
    {
        var last = _curve[^1];
        return new(
            new Dictionary<string, double>
            {
                ["iterations"] = last[0],
                ["train_loss"] = last[1],
                ["recovery_error"] = last[2],
                ["seconds"] = last[3],
                ["processor_seconds"] = last[4],
                ["reached"] = reason == StopReason.ToleranceReached ? 1 : 0,
            },
            new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>> { ["curve"] = _curve, ["entries"] = _snapshots },
            complete);
    }

    private void Keep(MatrixModel model)
    {
        _kept = _meter.Seconds;
        Directory.CreateDirectory(context.PartialFolder);
        var older = Directory.GetFiles(context.PartialFolder, "*.safetensors");
        var result = Result(complete: false, StopReason.StepLimit);
        SafeTensors.Write(FactorsAt((int)_curve[^1][0]), model.Factors.Select((factor, index) => TensorData.Of(NameOf(index), factor)));
        ExperimentJson.Write(In(CurveName), result); // from here on the new factors count
        context.KeepPartial(result);
        foreach (var file in older)
        {
            File.Delete(file);
        }
    }

    private void GoOn(MatrixModel model)
    {
        if (!File.Exists(In(CurveName)))
        {
            return;
        }

        var before = ExperimentJson.Read<CellResult>(In(CurveName));
        (_curve, _snapshots) = ([.. before.Series["curve"]], [.. before.Series["entries"]]);
        (_offset, _earlier) = ((int)_curve[^1][0], [_curve[^1][3], _curve[^1][4]]);
        using var file = SafeTensorsFile.Open(FactorsAt(_offset));
        for (var index = 0; index < model.Factors.Count; index++)
        {
            using var saved = file.ReadTensor(NameOf(index));
            model.Factors[index].copy_(saved);
        }
    }

    private string In(string name) => Path.Combine(context.PartialFolder, name);

    private string FactorsAt(int step) => In(string.Create(CultureInfo.InvariantCulture, $"factors-{step}.safetensors"));

    private static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"factor.{index}");

    private static double Rounded(double value) => double.IsFinite(value)
        ? double.Parse(value.ToString(Digits, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : value;
}
