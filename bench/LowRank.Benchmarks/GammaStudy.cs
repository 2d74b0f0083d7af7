using System.Globalization;
using LowRank.Factorization;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>
/// Sensitivity to the outer rate γ at small scale: completion of a 200 × 200 matrix of rank 5 from 30 % of its entries,
/// L = 3, ε = 1e-3, step 400 on the mean over all entries, to a train loss of 1e-10.
/// </summary>
internal static class GammaStudy
{
    private const int Rank = 5;

    public static void Run(string[] args)
    {
        var arguments = new StudyArguments(args);
        // Matrices of this size are too small to share between threads.
        torch.set_num_threads(arguments.Integer("--threads", 1));
        Console.WriteLine(StudyArguments.Machine());
        var size = arguments.Integer("--size", 200);
        var seed = Seed.From(arguments.Integer("--seed", 0));
        using var target = Initialize.LowRank(size, size, Rank, seed.For("target"));
        using var mask = Initialize.Mask(size, size, 0.3, seed.For("mask"));
        using var unseen = mask.logical_not();
        using var train = new MaskedObjective(target, mask, LossScale.MeanOfEntries);
        using var recovery = new MaskedObjective(target, unseen, LossScale.MeanOfEntries);
        using var wide = DeepFactorization.Create(size, size, new(), seed.For("model"));

        Console.WriteLine($"{"run",-34} {"stop",-16} {"iterations",10} {"train",10} {"recovery",10} {"seconds",8}");
        foreach (var (rank, gammas) in new[] { (Rank, new[] { 0.003, 0.01, 0.03, 0.1, 0.3, 1, 0 }), (10, [0.01, 0]) })
        {
            foreach (var gamma in gammas)
            {
                using var small = Compression.FromFirstGradient(wide, train, rank);
                var name = string.Create(CultureInfo.InvariantCulture, $"compressed rank {rank}, gamma {gamma}");
                Row(name, small, gamma);
            }
        }

        foreach (var width in new[] { 10, 20, 40 })
        {
            using var narrow = DeepFactorization.Create(size, size, new() { Width = width }, seed.For("narrow"));
            Row($"narrow random, width {width}", narrow, 1);
        }

        if (arguments.Integer("--full", 1) != 0)
        {
            Row($"original, full width {size}", wide, 1);
        }

        void Row(string name, MatrixModel model, double gamma)
        {
            var result = new GradientDescent(new()
            {
                StepSize = 0.01 * size * size,
                OuterRate = gamma,
                MaxSteps = model is DeepFactorization ? 60_000 : 30_000,
            }).Fit(model, train);
            using var product = model.Product();
            var error = result.StopReason == StopReason.Diverged ? double.NaN : recovery.Loss(product);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-34} {result.StopReason,-16} {result.Steps,10} {result.FinalLoss,10:e1} {error,10:e1} "
                + $"{result.Elapsed.TotalSeconds,8:f1}"));
        }
    }
}
