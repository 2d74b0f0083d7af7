using CsCheck;
using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

/// <summary>The hand-written gradients against finite differences, and invariances of the descent.</summary>
public sealed class GradientProperties
{
    private static readonly Gen<Objective> AnyObjective =
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 6], Gen.Int[0, 2], Gen.Enum<LossScale>(), Gen.Int, MakeObjective);

    private static readonly Gen<double> AnyRate = Gen.Int[0, 4].Select(halves => halves / 2.0);

    [Fact]
    public void Step_DeepFactorization_MatchesFiniteDifferences() =>
        Gen.Select(AnyObjective, Gen.Int[2, 5], Gen.Int[1, 5], Gen.Int).Sample(
            (objective, depth, width, seed) =>
            {
                using (objective)
                using (var model = DeepFactorization.FromFactors(Chain(objective, depth, width, Seed.From(seed))))
                {
                    AssertStepIsGradient(model, objective, new() { StepSize = 1e-3 }, _ => 1);
                }
            },
            iter: 60,
            threads: 1);

    [Fact]
    public void Step_CompressedFactorization_MatchesFiniteDifferencesAtEachRate() =>
        Gen.Select(AnyObjective, Gen.Int[3, 6], Gen.Int[1, 4], AnyRate, Gen.Int).Sample(
            (objective, factors, width, rate, seed) =>
            {
                using (objective)
                using (var model = CompressedFactorization.FromFactors(
                    Chain(objective, factors, width, Seed.From(seed))))
                {
                    AssertStepIsGradient(
                        model,
                        objective,
                        new() { StepSize = 1e-3, OuterRate = rate },
                        i => i == 0 || i == factors - 1 ? rate : 1);
                }
            },
            iter: 60,
            threads: 1);

    [Fact]
    public void Fit_PlainDescent_DoesNotDependOnTheBasis() =>
        Gen.Select(AnyObjective, Gen.Int[1, 3], Gen.Int).Sample(
            (objective, width, seed) =>
            {
                using (objective)
                {
                    var start = Seed.From(seed);
                    var factors = Chain(objective, 4, width, start);
                    using var turn = Initialize.SemiOrthogonal(width, width, start.For("turn"));
                    using var model = CompressedFactorization.FromFactors(factors);
                    using var turned = CompressedFactorization.FromFactors(
                        turn.t().mm(factors[0]),
                        turn.t().mm(factors[1]).mm(turn),
                        turn.t().mm(factors[2]).mm(turn),
                        factors[3].mm(turn));
                    var descent = new GradientDescent(new() { StepSize = 1e-3, MaxSteps = 20, OuterRate = 0.3 });
                    descent.Fit(model, objective);
                    descent.Fit(turned, objective);
                    Assert.InRange(model.DistanceTo(turned), 0, 1e-10);
                }
            },
            iter: 30,
            threads: 1);

    [Fact]
    public void Fit_TransposedProblem_GivesTheTransposedModel() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 6], Gen.Int[2, 4], Gen.Int).Sample(
            (rows, columns, depth, seed) =>
            {
                using var target = Initialize.Gaussian(rows, columns, Seed.From(seed).For("target"));
                using var objective = new FullObjective(target);
                using var mirrored = new FullObjective(target.t());
                var factors = Chain(objective, depth, 3, Seed.From(seed));
                using var model = DeepFactorization.FromFactors(factors);
                using var mirror = DeepFactorization.FromFactors([.. factors.Reverse().Select(factor => factor.t())]);
                var descent = new GradientDescent(new() { StepSize = 1e-3, MaxSteps = 20, WeightDecay = 0.1 });
                descent.Fit(model, objective);
                descent.Fit(mirror, mirrored);
                Assert.InRange((model.Product() - mirror.Product().t()).abs().max().item<double>(), 0, 1e-12);
            },
            iter: 40,
            threads: 1);

    // One plain step moves each factor by −rate · gradient; each entry's gradient is a central difference of the loss.
    private static void AssertStepIsGradient(
        MatrixModel model, Objective objective, DescentOptions options, Func<int, double> rate)
    {
        const double Nudge = 1e-5;
        var before = model.Factors.Select(factor => factor.clone()).ToArray();
        var expected = before.Select((factor, i) =>
        {
            var gradient = zeros_like(factor);
            for (var row = 0; row < factor.shape[0]; row++)
            {
                for (var column = 0; column < factor.shape[1]; column++)
                {
                    var rise = Nudged(i, row, column, Nudge) - Nudged(i, row, column, -Nudge);
                    gradient[row, column] = rise / (2 * Nudge);
                }
            }

            return gradient;
        }).ToArray();
        var size = Math.Max(1, expected.Max(gradient => gradient.abs().max().item<double>()));
        new GradientDescent(options with { MaxSteps = 1, Tolerance = 0 }).Fit(model, objective);
        for (var i = 0; i < before.Length; i++)
        {
            var moved = (before[i] - model.Factors[i]) / options.StepSize;
            Assert.InRange((moved - (rate(i) * expected[i])).abs().max().item<double>(), 0, 1e-7 * size);
        }

        double Nudged(int index, int row, int column, double by)
        {
            var entry = model.Factors[index][row, column];
            entry.add_(by);
            using var product = model.Product();
            var loss = objective.Loss(product);
            entry.copy_(before[index][row, column]);
            return loss;
        }
    }

    private static Tensor[] Chain(Objective objective, int count, int width, Seed seed) =>
    [
        .. Enumerable.Range(0, count).Select(i => Initialize.Gaussian(
            i == count - 1 ? objective.Rows : width,
            i == 0 ? objective.Columns : width,
            seed.For($"factor.{i}"),
            0.6)),
    ];

    private static Objective MakeObjective(int rows, int columns, int kind, LossScale scale, int seed)
    {
        var stream = Seed.From(seed);
        using var target = Initialize.Gaussian(rows, columns, stream.For("target"));
        if (kind == 0)
        {
            return new FullObjective(target, scale);
        }

        if (kind == 1)
        {
            using var mask = Initialize.Mask(rows, columns, 0.6, stream.For("mask"));
            mask[0, 0] = true;
            return new MaskedObjective(target, mask, scale);
        }

        const int Measurements = 4;
        using var operators = Initialize.Gaussian(Measurements, rows * columns, stream.For("operators"));
        using var measured = Initialize.Gaussian(Measurements, 1, stream.For("measured"));
        return new SensingObjective(operators.view(Measurements, rows, columns), measured.view(Measurements), scale);
    }
}
