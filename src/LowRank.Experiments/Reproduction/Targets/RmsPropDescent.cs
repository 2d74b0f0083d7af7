using LowRank.Factorization;
using static TorchSharp.torch;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>RMSprop on the factors of a model, written out for one study.</summary>
internal static class RmsPropDescent
{
    private const double Decay = 0.9;
    private const double Floor = 1e-8; // under the root

    /// <summary>Descends a number of steps.</summary>
    /// <param name="model">Its factors are changed in place.</param>
    /// <param name="objective">The loss.</param>
    /// <param name="rate">Step size.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="observer">Looks at the start and after each step.</param>
    public static void Run(MatrixModel model, Objective objective, double rate, int steps, DescentObserver observer)
    {
        using var all = NewDisposeScope();
        var squares = model.Factors.Select(factor => zeros_like(factor)).ToList();
        for (var taken = 0; ; taken++)
        {
            using var scope = NewDisposeScope();
            var product = model.Product();
            observer.Observe(taken, objective.Loss(product), model);
            if (taken == steps)
            {
                return;
            }

            var residual = objective.Gradient(product);
            var gradients = Enumerable.Range(0, model.Factors.Count).Select(index => Gradient(model, residual, index)).ToList();
            for (var index = 0; index < gradients.Count; index++)
            {
                squares[index].mul_(Decay).add_(gradients[index].square() * (1 - Decay));
                model.Factors[index].sub_(gradients[index] / (squares[index] + Floor).sqrt() * rate);
            }
        }
    }

    // W_{L:l+1}ᵀ R W_{l-1:1}ᵀ (theory 1).
    private static Tensor Gradient(MatrixModel model, Tensor residual, int index)
    {
        var left = model.Factors.Skip(index + 1).Reverse().Aggregate(residual, (signal, factor) => factor.t().mm(signal));
        return model.Factors.Take(index).Aggregate(left, (signal, factor) => signal.mm(factor.t()));
    }
}
