using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>Turns a factor's gradient into its step, keeping what it must remember per factor.</summary>
internal abstract class StepRule : IDisposable
{
    /// <summary>Changes a factor in place.</summary>
    /// <param name="index">The factor's index, the key of its memory.</param>
    /// <param name="factor">The factor, or a view of it that is the same at each step.</param>
    /// <param name="gradient">Its gradient, of the same shape; left unchanged.</param>
    /// <param name="rate">Step size of this factor.</param>
    public abstract void Apply(int index, Tensor factor, Tensor gradient, double rate);

    /// <summary>Called before the factors of a step.</summary>
    public abstract void Begin();

    public abstract void Dispose();

    public static StepRule For(DescentOptions options, int factors) => options.Rule switch
    {
        DescentRule.Momentum => new MomentumRule(options.Momentum, factors),
        DescentRule.Adam => new AdamRule(options, factors),
        _ => new PlainRule(),
    };

    private sealed class PlainRule : StepRule
    {
        public override void Begin()
        {
        }

        public override void Apply(int index, Tensor factor, Tensor gradient, double rate) =>
            factor.AddScaled(gradient, -rate);

        public override void Dispose()
        {
        }
    }

    private sealed class MomentumRule(double momentum, int factors) : StepRule
    {
        private readonly Tensor?[] _velocities = new Tensor?[factors];

        public override void Begin()
        {
        }

        public override void Apply(int index, Tensor factor, Tensor gradient, double rate)
        {
            var velocity = Remember(_velocities, index, gradient);
            velocity.Scale(momentum);
            velocity.AddScaled(gradient, 1);
            factor.AddScaled(velocity, -rate);
        }

        public override void Dispose() => Free(_velocities);
    }

    private sealed class AdamRule(DescentOptions options, int factors) : StepRule
    {
        private readonly Tensor?[] _means = new Tensor?[factors];
        private readonly Tensor?[] _squares = new Tensor?[factors];
        private int _step;

        public override void Begin() => _step++;

        public override void Apply(int index, Tensor factor, Tensor gradient, double rate)
        {
            using var scope = NewDisposeScope();
            var mean = Remember(_means, index, gradient);
            var square = Remember(_squares, index, gradient);
            mean.Scale(options.AdamMeanDecay);
            mean.AddScaled(gradient, 1 - options.AdamMeanDecay);
            square.Scale(options.AdamSquareDecay);
            square.AddProduct(gradient, gradient, 1 - options.AdamSquareDecay);
            var meanBias = 1 - Math.Pow(options.AdamMeanDecay, _step);
            var squareBias = 1 - Math.Pow(options.AdamSquareDecay, _step);
            var root = square.sqrt();
            root.Scale(1 / Math.Sqrt(squareBias));
            root.Shift(options.AdamFloor);
            factor.AddQuotient(mean, root, -rate / meanBias);
        }

        public override void Dispose()
        {
            Free(_means);
            Free(_squares);
        }
    }

    private static Tensor Remember(Tensor?[] memory, int index, Tensor like) =>
        memory[index] ??= zeros_like(like).DetachFromDisposeScope();

    private static void Free(Tensor?[] memory)
    {
        foreach (var tensor in memory)
        {
            tensor?.Dispose();
        }
    }
}
