using LowRank.Adapters;
using LowRank.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Training;

/// <summary>AdamW over many small tensors at once: each group of parameters is one flat vector.</summary>
/// <remarks>
/// Loshchilov and Hutter 2019, the same update as PyTorch's. An adapter has hundreds of tensors of a few thousand
/// numbers; joined, a step costs a handful of passes instead of thousands of small operations. The whole state is two
/// vectors per group and one count, so a run can be resumed exactly.
/// </remarks>
public sealed class FlatAdamW : IDisposable
{
    private readonly AdamWOptions _options;
    private readonly List<Group> _groups;

    /// <summary>Makes an optimizer with a fresh state.</summary>
    /// <param name="parameters">What is trained; on one device.</param>
    /// <param name="options">The decays; the defaults when null.</param>
    /// <exception cref="ArgumentException">Nothing to train, or an option is out of range.</exception>
    public FlatAdamW(IReadOnlyList<AdapterParameter> parameters, AdamWOptions? options = null)
    {
        Check.NotNull(parameters);
        Check.That(parameters.Count > 0, nameof(parameters), "parameters: got none; wanted something to train.");
        _options = options ?? new AdamWOptions();
        _options.Validate();
        _groups = [.. parameters
            .GroupBy(parameter => (parameter.IsHead, parameter.RateRatio, Decays: parameter.Value.dim() > 1))
            .Select(group => new Group([.. group.Select(parameter => parameter.Value)], group.Key))];
    }

    /// <summary>Steps taken so far.</summary>
    public int Steps { get; private set; }

    /// <summary>Takes one step with the gradients at hand and clears them.</summary>
    /// <param name="adapterRate">The learning rate of adapters, times each parameter's own ratio.</param>
    /// <param name="headRate">The learning rate of heads.</param>
    /// <param name="maxNorm">The largest norm the joint gradient may keep; infinity for no clipping.</param>
    /// <returns>
    /// The joint gradient's norm before clipping. When it is not finite no step was taken and nothing changed.
    /// </returns>
    public double Step(double adapterRate, double headRate, double maxNorm = double.PositiveInfinity)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var flat = _groups.ConvertAll(group => group.Gradient());
        var norm = Math.Sqrt(flat.Sum(gradient => Math.Pow(linalg.vector_norm(gradient).ToDouble(), 2)));
        if (double.IsFinite(norm))
        {
            Steps++;
            var share = Math.Min(1, maxNorm / (norm + 1e-6));
            foreach (var (group, gradient) in _groups.Zip(flat))
            {
                if (share < 1)
                {
                    gradient.Scale(share);
                }

                group.Update(gradient, group.IsHead ? headRate : adapterRate, Steps, _options);
            }
        }

        ClearGradients();
        return norm;
    }

    /// <summary>Drops all gradients.</summary>
    public void ClearGradients()
    {
        foreach (var parameter in _groups.SelectMany(group => group.Parameters))
        {
            parameter.grad = null;
        }
    }

    /// <summary>Frees the state; the parameters stay.</summary>
    public void Dispose() => _groups.ForEach(group => group.Dispose());

    /// <summary>Copies the moments into a map, under names that <see cref="Restore"/> knows.</summary>
    internal void Save(TensorMap state)
    {
        using var gradients = no_grad();
        for (var i = 0; i < _groups.Count; i++)
        {
            state.Add($"optimizer/{i}/mean", _groups[i].Mean.clone());
            state.Add($"optimizer/{i}/square", _groups[i].Square.clone());
        }
    }

    /// <summary>Takes over a saved state.</summary>
    internal void Restore(TensorMap state, int steps)
    {
        using var gradients = no_grad();
        for (var i = 0; i < _groups.Count; i++)
        {
            _groups[i].Mean.copy_(state[$"optimizer/{i}/mean"]);
            _groups[i].Square.copy_(state[$"optimizer/{i}/square"]);
        }

        Steps = steps;
    }

    private sealed class Group : IDisposable
    {
        private readonly double _rateRatio;
        private readonly bool _decays;

        public Group(IReadOnlyList<Parameter> parameters, (bool IsHead, double RateRatio, bool Decays) key)
        {
            Parameters = parameters;
            (IsHead, _rateRatio, _decays) = key;
            var count = parameters.Sum(parameter => parameter.numel());
            Mean = zeros(count, parameters[0].dtype, parameters[0].device).DetachFromDisposeScope();
            Square = zeros(count, parameters[0].dtype, parameters[0].device).DetachFromDisposeScope();
        }

        public IReadOnlyList<Parameter> Parameters { get; }

        public bool IsHead { get; }

        public Tensor Mean { get; }

        public Tensor Square { get; }

        public Tensor Gradient() => cat([.. Parameters.Select(parameter =>
            (parameter.grad ?? zeros_like(parameter)).reshape(-1))]);

        public void Update(Tensor gradient, double rate, int step, AdamWOptions options)
        {
            rate *= _rateRatio;
            Mean.Scale(options.Beta1);
            Mean.AddScaled(gradient, 1 - options.Beta1);
            Square.Scale(options.Beta2);
            Square.AddProduct(gradient, gradient, 1 - options.Beta2);
            var root = Square.sqrt();
            root.Scale(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, step)));
            root.Shift(options.Epsilon);
            var change = Mean.div(root);
            change.Scale(-rate / (1 - Math.Pow(options.Beta1, step)));
            var offset = 0L;
            foreach (var parameter in Parameters)
            {
                if (_decays && options.WeightDecay > 0)
                {
                    parameter.Scale(1 - (rate * options.WeightDecay));
                }

                parameter.AddScaled(change.narrow(0, offset, parameter.numel()).view(parameter.shape), 1);
                offset += parameter.numel();
            }
        }

        public void Dispose()
        {
            Mean.Dispose();
            Square.Dispose();
        }
    }
}
