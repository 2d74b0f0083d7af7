using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>One step of a descent: objective, chain and rule joined, with no allocation for plain descent.</summary>
internal sealed class DescentStep : IDisposable
{
    private readonly FactorChain _chain;
    private readonly Objective _objective;
    private readonly StepRule _rule;
    private readonly double[] _rates;
    private readonly bool[] _active;
    private readonly double _stepSize;
    private readonly double _weightDecay;
    private readonly bool _fused;
    private readonly Tensor?[] _gradients;
    private readonly FactorChain.Visit _visit;

    public DescentStep(MatrixModel model, Objective objective, DescentOptions options)
    {
        _chain = new(model);
        _objective = objective;
        _rule = StepRule.For(options, model.Factors.Count);
        _rates = [.. model.Factors.Select((_, i) => options.StepSize * (model.IsOuter(i) ? options.OuterRate : 1))];
        _active = [.. _rates.Select(rate => rate > 0)];
        _stepSize = options.StepSize;
        _weightDecay = options.WeightDecay;
        _gradients = new Tensor?[_rates.Length];

        // With one rate for all factors, plain descent needs no gradient of its own: −η goes into R once, and each
        // matrix product adds straight onto its factor. (addmm takes its own alpha in single precision only.)
        _fused = options.Rule == DescentRule.Plain && _rates.All(rate => rate == _stepSize);
        _visit = _fused ? AddOnto : Move;
    }

    /// <summary>The current product <c>[rows, columns]</c>, valid until <see cref="Apply"/>.</summary>
    public Tensor Product => _chain.Product;

    public void Forward() => _chain.Forward();

    /// <summary>Changes the factors; <see cref="Forward"/> comes first.</summary>
    public void Apply()
    {
        _objective.TurnIntoGradient(_chain.Product);
        if (_fused)
        {
            _chain.Product.Scale(-_stepSize);
        }

        _rule.Begin();
        _chain.Backward(_active, _visit);
    }

    public void Dispose()
    {
        _chain.Dispose();
        _rule.Dispose();
        foreach (var gradient in _gradients)
        {
            gradient?.Dispose();
        }
    }

    private void AddOnto(int index, Tensor factor, Tensor signal, Tensor? prefixTransposed)
    {
        Decay(index, factor);
        if (prefixTransposed is null)
        {
            factor.AddScaled(signal, 1);
        }
        else
        {
            factor.addmm_(signal, prefixTransposed, beta: 1, alpha: 1);
        }
    }

    private void Move(int index, Tensor factor, Tensor signal, Tensor? prefixTransposed)
    {
        var gradient = signal;
        if (prefixTransposed is not null)
        {
            gradient = _gradients[index] ??= empty_like(factor).DetachFromDisposeScope();
            FactorChain.Multiply(gradient, signal, prefixTransposed);
        }

        Decay(index, factor);
        _rule.Apply(index, factor, gradient, _rates[index]);
    }

    private void Decay(int index, Tensor factor)
    {
        if (_weightDecay > 0)
        {
            factor.Scale(1 - (_rates[index] * _weightDecay));
        }
    }
}
