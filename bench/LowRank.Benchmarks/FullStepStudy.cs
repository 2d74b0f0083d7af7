using System.Diagnostics;
using System.Globalization;
using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Benchmarks;

/// <summary>
/// The full-width side of the ratio in figure 2: one plain gradient step of W_3 W_2 W_1 on a masked 1000 × 1000
/// target in double precision, dense through libtorch. The bare matrix products it cannot do without stand beside it.
/// </summary>
internal static class FullStepStudy
{
    public static void Run(string[] args)
    {
        var arguments = new StudyArguments(args);
        var size = arguments.Integer("--size", 1000);
        var depth = arguments.Integer("--depth", 3);
        var steps = arguments.Integer("--steps", 15);
        var threads = arguments.Integer("--threads", 0);
        if (threads > 0)
        {
            set_num_threads(threads);
        }

        Console.WriteLine(StudyArguments.Machine());
        var seed = Seed.From(0);
        using var target = Initialize.LowRank(size, size, 5, seed.For("target"));
        using var mask = Initialize.Mask(size, size, 0.2, seed.For("mask"));
        using var objective = new MaskedObjective(target, mask, LossScale.MeanOfEntries);
        using var model = DeepFactorization.Create(size, size, new() { Depth = depth }, seed.For("model"));
        using var step = new DescentStep(model, objective, new() { StepSize = 5e-3 * size * size });

        var seconds = Times(steps, () =>
        {
            step.Forward();
            step.Apply();
        });
        var products = 3 * (depth - 1);
        using var buffer = empty(size, size, dtype: float64);
        var bare = Times(steps, () =>
        {
            for (var i = 0; i < products; i++)
            {
                FactorChain.Multiply(buffer, target, model.Factors[0]);
            }
        });
        var flops = products * 2.0 * size * size * size;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            full-width step, d = {size}, L = {depth}, 20 % observed, float64, {steps} steps
            seconds per iteration (median)     {StudyArguments.Median(seconds):f4}
            fastest                            {seconds.Min():f4}
            {products} bare matrix products (median)     {StudyArguments.Median(bare):f4}
            GFLOP/s of the step                {flops / StudyArguments.Median(seconds) / 1e9:f1}
            """));
    }

    private static double[] Times(int count, Action action)
    {
        for (var warm = 0; warm < 3; warm++)
        {
            action();
        }

        var seconds = new double[count];
        for (var i = 0; i < count; i++)
        {
            var clock = Stopwatch.StartNew();
            action();
            seconds[i] = clock.Elapsed.TotalSeconds;
        }

        return seconds;
    }
}
