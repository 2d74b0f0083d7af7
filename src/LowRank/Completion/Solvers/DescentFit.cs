using System.Diagnostics;
using System.Numerics;
using LowRank.Completion.Kernels;
using LowRank.Factorization;

namespace LowRank.Completion.Solvers;

/// <summary>Runs the paper's gradient descent: start, steps, checks, report.</summary>
internal sealed class DescentFit<T>(FitRequest request, CompressedDescent method, CompletionPrecision precision)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int MostHalvings = 30;
    private const double Blown = 1e3;      // a loss this many times the first one has diverged
    private const double Falling = 0.99;   // patience counts once the loss is below this share of the first one
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<CompletionProgress> _curve = [];
    private readonly ObservedMatrix _data = request.Data;

    public CompletionModel Run()
    {
        var options = request.Options;
        var biases = new VariationalSolver<double>(_data, request.HeldOut, options.Biases, options.ThreadCount);
        biases.Start(0, options.Seed, null);
        var fit = biases.Result();
        var byRow = SparseRows<T>.From(_data, new(fit.Mean, 1, true), request.HeldOut)
            .Subtract(i => fit.RowBiases[i], j => fit.ColumnBiases[j]);
        var start = DescentOrigin<T>.Create(request, method, byRow);
        var step = method.StepSize ?? start.StepSize;
        for (var halvings = 0; ; halvings++)
        {
            var run = Iterate(byRow, start, step);
            if (run.Reason == StopReason.Diverged && method.StepSize is null && halvings < MostHalvings)
            {
                step /= 2;
                _curve.Clear();
                continue;
            }

            var factors = new ChainFactors(
                fit.Mean, fit.RowBiases, fit.ColumnBiases, run.Point.Left.To<double>(), run.Point.Cores,
                run.Point.Right.To<double>());
            return request.ToModel(factors, _curve, run.Reason, run.Validation, _clock.Elapsed, precision, step);
        }
    }

    private DescentEnd<T> Iterate(SparseRows<T> byRow, DescentPoint<T> start, double step)
    {
        var now = start.Copy();
        var state = new DescentState<T>(byRow, now.Left, now.Cores, now.Right, request.Options.ThreadCount);
        var gamma = method.Start == DescentStart.Narrow ? 1 : method.Gamma;
        var cells = (double)_data.RowCount * _data.ColumnCount;
        var count = byRow.TrainingCount();
        var first = double.NaN;
        var best = new DescentEnd<T>(now, StopReason.StepLimit, null);
        var stale = 0;
        var offset = request.From?.Report.Steps ?? 0;
        for (var steps = 0; ; steps++)
        {
            if (steps % method.CheckEvery == 0 || steps == method.MaxSteps)
            {
                var squares = state.SumOfSquares();
                var validation = Validate(byRow, state);
                if (steps == 0)
                {
                    first = squares;
                }

                Report(offset + steps, Math.Sqrt(squares / count), validation?.Rmse);
                if (!double.IsFinite(squares) || squares > first * Blown)
                {
                    return new(start, StopReason.Diverged, null);
                }

                if (validation is not null && !(validation.Rmse >= best.Validation?.Rmse))
                {
                    best = new(now.Copy(), StopReason.EarlyStopped, validation);
                    stale = 0;
                }
                else if (squares < first * Falling)
                {
                    stale++;
                }

                var reason = squares / 2 / cells < method.Tolerance ? StopReason.ToleranceReached
                    : request.Stop.IsCancellationRequested ? StopReason.Cancelled
                    : steps == method.MaxSteps ? StopReason.StepLimit
                    : validation is not null && stale >= method.Patience ? StopReason.EarlyStopped
                    : (StopReason?)null;
                if (reason is { } end)
                {
                    // A stopped run gives its last point back, so that it can be gone on with exactly.
                    return validation is null || end == StopReason.Cancelled
                        ? new(now, end, validation)
                        : best with { Reason = end };
                }
            }

            state.Step(step, gamma, method.WeightDecay);
        }
    }

    private CompletionScore? Validate(SparseRows<T> byRow, DescentState<T> state)
    {
        if (request.HeldOut is null)
        {
            return null;
        }

        state.RefreshOuter();
        double squares = 0, absolutes = 0;
        var count = 0;
        for (var i = 0; i < byRow.Count; i++)
        {
            for (int k = byRow.End(i), end = byRow.HeldOutEnd(i); k < end; k++)
            {
                var error = double.CreateTruncating(byRow.Values[k] - SparseKernels.Dot(
                    ref state.Outer.Data[i * state.Outer.Stride],
                    ref state.Right.Data[byRow.Indices[k] * state.Right.Stride],
                    state.Right.Stride));
                squares += error * error;
                absolutes += Math.Abs(error);
                count++;
            }
        }

        return CompletionScore.From(squares, absolutes, count);
    }

    private void Report(int step, double rmse, double? validation)
    {
        CompletionProgress now = new(step, method.MaxSteps, _clock.Elapsed.TotalSeconds, rmse, validation);
        _curve.Add(now);
        request.Progress?.Report(now);
    }
}
