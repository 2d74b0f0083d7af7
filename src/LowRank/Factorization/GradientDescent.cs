using System.Diagnostics;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>Gradient descent on the factors of a <see cref="MatrixModel"/>.</summary>
/// <remarks>
/// W_l ← (1 − ηλ) W_l − η ∂W_l for all factors at once (theory 1), with hand-written gradients: 3(L − 1) matrix
/// products per step. The outer factors of a compressed model use γη in place of η (theory 4).
/// </remarks>
/// <example>
/// <code>
/// var seed = Seed.From(0);
/// using var target = Initialize.LowRank(60, 40, rank: 3, seed.For("target"));
/// using var objective = new FullObjective(target);
/// using var model = DeepFactorization.Create(60, 40, new(), seed.For("model"));
/// using var small = Compression.FromFirstGradient(model, objective, rank: 3); // or fit the wide model itself
/// var result = new GradientDescent(new()).Fit(small, objective);
/// </code>
/// </example>
/// <param name="options">The settings.</param>
public sealed class GradientDescent(DescentOptions options)
{
    private readonly DescentOptions _options = Check.NotNull(options);

    /// <summary>Descends until the tolerance, the step limit, divergence or cancellation.</summary>
    /// <param name="model">Its factors are changed in place.</param>
    /// <param name="objective">A loss for products of the model's shape, dtype and device.</param>
    /// <param name="observer">Watches chosen steps; null for none.</param>
    /// <param name="cancellation">Checked before each step.</param>
    /// <returns>Losses and the reason of the end.</returns>
    /// <exception cref="ArgumentException">The options are out of range, or the shapes differ.</exception>
    public FitResult Fit(
        MatrixModel model,
        Objective objective,
        DescentObserver? observer = null,
        CancellationToken cancellation = default)
    {
        Check.NotNull(model);
        Check.NotNull(objective);
        _options.Validate();
        Check.That(
            objective.Rows == model.Rows && objective.Columns == model.Columns,
            nameof(objective),
            $"objective: got one for [{objective.Rows}, {objective.Columns}]; "
            + $"wanted [{model.Rows}, {model.Columns}], the model's product.");
        using var step = new DescentStep(model, objective, _options);
        return Descend(model, objective, step, observer, cancellation);
    }

    private FitResult Descend(
        MatrixModel model,
        Objective objective,
        DescentStep step,
        DescentObserver? observer,
        CancellationToken cancellation)
    {
        var losses = new List<LossPoint>();
        var clock = Stopwatch.StartNew();
        for (var taken = 0; ; taken++)
        {
            using var scope = NewDisposeScope();
            step.Forward();
            var cancelled = cancellation.IsCancellationRequested;
            var due = taken % _options.CheckEvery == 0 || taken == _options.MaxSteps || cancelled;
            var wanted = observer?.Wants(taken) ?? false;
            if (due || wanted)
            {
                var loss = objective.Loss(step.Product);
                if (!double.IsFinite(loss))
                {
                    return Result(StopReason.Diverged);
                }

                if (due)
                {
                    losses.Add(new(taken, loss, clock.Elapsed.TotalSeconds));
                }

                if (wanted)
                {
                    observer!.Observe(taken, loss, model);
                }

                if (due && loss < _options.Tolerance)
                {
                    return Result(StopReason.ToleranceReached);
                }
            }

            if (cancelled || taken == _options.MaxSteps)
            {
                return Result(cancelled ? StopReason.Cancelled : StopReason.StepLimit);
            }

            step.Apply();

            FitResult Result(StopReason reason) =>
                new(reason, taken, losses.Count > 0 ? losses[^1].Loss : double.NaN, losses, clock.Elapsed);
        }
    }
}
