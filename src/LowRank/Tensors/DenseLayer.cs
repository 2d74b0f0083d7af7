using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>A linear layer like TorchSharp's own, faster where its weight is frozen.</summary>
/// <remarks>
/// <c>y = x·Wᵀ + b</c>, with the parameter names <c>weight</c> and <c>bias</c>. It is a module like any other: hooks,
/// and with them adapters, see its input and output. A weight that does not learn needs no gradient, so both its products
/// are plain ones, which on processors of AMD with 512-bit vectors are done by kernels of this library.
/// </remarks>
public sealed class DenseLayer : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    /// <summary>Makes a layer whose numbers are zeros until loaded or drawn.</summary>
    /// <param name="inputs">Features that enter.</param>
    /// <param name="outputs">Features that leave.</param>
    /// <param name="hasBias">Whether a bias is added.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number of features below 1.</exception>
    public DenseLayer(int inputs, int outputs, bool hasBias = true)
        : base(nameof(DenseLayer))
    {
        Check.AtLeast(inputs, 1);
        Check.AtLeast(outputs, 1);
        using var scope = NewDisposeScope();
        _weight = new Parameter(zeros(outputs, inputs));
        _weight.DetachFromDisposeScope();
        if (hasBias)
        {
            _bias = new Parameter(zeros(outputs));
            _bias.DetachFromDisposeScope();
        }

        RegisterComponents();
    }

    /// <summary>Gets the weight, <c>[outputs, inputs]</c>; the layer owns it.</summary>
    public Parameter Weight => _weight;

    /// <summary>Gets the bias, <c>[outputs]</c>; null without one. The layer owns it.</summary>
    public Parameter? Bias => _bias;

    /// <summary>The layer's output.</summary>
    /// <param name="input">States, <c>[..., inputs]</c>, of the weight's type and on its device.</param>
    /// <returns>Shape <c>[..., outputs]</c>; the caller disposes it.</returns>
    public override Tensor forward(Tensor input) => FrozenProduct.Apply(Check.NotNull(input), _weight, _bias);
}
