using System.Diagnostics;
using System.Numerics;
using LowRank.Factorization;

namespace LowRank.Completion.Solvers;

/// <summary>Runs the variational solver: sweeps, decides when to stop, learns from the rest, reports.</summary>
internal static class VariationalFit
{
    private const int FinalSweeps = 2;   // on all entries, once the validation ones have served
    private const int Patience = 2;      // sweeps without improvement

    public static CompletionModel Run<T>(FitRequest request, VariationalBayes method, CompletionPrecision precision)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var clock = Stopwatch.StartNew();
        var (data, options) = (request.Data, request.Options);
        var solver = new VariationalSolver<T>(data, request.HeldOut, options.Biases, options.ThreadCount);
        var curve = new List<CompletionProgress>();
        var reason = StopReason.ToleranceReached;
        CompletionScore? validation = null;
        if (solver.Varies)
        {
            solver.Start(request.Rank, options.Seed, request.From);
            (reason, validation) = Iterate(solver, request, method, curve, clock);
            if (request.HeldOut is not null && reason != StopReason.Cancelled)
            {
                solver.AbsorbHoldOut();
                for (var sweep = 0; sweep < FinalSweeps; sweep++)
                {
                    solver.Alternate();
                }
            }
        }

        var factors = ChainFactors.FromPair(solver.Result());
        return request.ToModel(factors, curve, reason, validation, clock.Elapsed, precision, null);
    }

    private static (StopReason Reason, CompletionScore? Validation) Iterate<T>(
        VariationalSolver<T> solver,
        FitRequest request,
        VariationalBayes method,
        List<CompletionProgress> curve,
        Stopwatch clock)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CompletionScore? validation = null;
        var best = double.PositiveInfinity;
        var stale = 0;
        for (var sweep = 1; sweep <= method.MaxSweeps; sweep++)
        {
            if (request.Stop.IsCancellationRequested)
            {
                return (StopReason.Cancelled, validation);
            }

            solver.Sweep(sweep);
            validation = request.HeldOut is null ? null : solver.ScoreHeldOut(request.Low, request.High);
            CompletionProgress now = new(
                sweep, method.MaxSweeps, clock.Elapsed.TotalSeconds, solver.NoiseDeviation, validation?.Rmse);
            curve.Add(now);
            request.Progress?.Report(now);
            if (solver.IsExact)
            {
                return (StopReason.ToleranceReached, validation);
            }

            var error = validation?.Rmse ?? solver.NoiseDeviation;
            stale = error < best * (1 - method.Tolerance) ? 0 : stale + 1;
            best = Math.Min(best, error);
            if (stale == Patience)
            {
                return (StopReason.EarlyStopped, validation);
            }
        }

        return (StopReason.StepLimit, validation);
    }
}
