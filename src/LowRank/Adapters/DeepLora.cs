using LowRank.Factorization;
using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Deep low-rank adaptation: the update is a product of many factors, <c>W_N ··· W_2·W_1</c>.</summary>
/// <remarks>
/// Yaras et al. 2024. The first factor reads the input (<c>[width, in]</c>), the last writes the output
/// (<c>[out, width]</c>), the ones between are <c>[width, width]</c>. In the compressed form the first and last are the
/// outer factors and all <c>depth</c> factors of the wide model sit between them. There is no alpha: the scale is 1.
/// </remarks>
public sealed class DeepLora : FactoredAdapter
{
    private readonly Parameter[] _factors;
    private readonly double[] _rateRatios;

    // Takes over the factors, input side first.
    internal DeepLora(AdaptedLayer layer, DeepLoraOptions options, IReadOnlyList<Tensor> factors)
        : base(layer, options.Dropout)
    {
        Rank = (int)options.WidthOn(layer);
        var outer = options.Form == DeepLoraForm.Compressed ? options.OuterRateRatio : 1;
        _factors = [.. factors.Select(factor => new Parameter(factor))];
        _rateRatios = [.. factors.Select((_, i) => i == 0 || i == factors.Count - 1 ? outer : 1)];
        for (var i = 0; i < _factors.Length; i++)
        {
            _factors[i].requires_grad = _rateRatios[i] > 0;
            register_parameter(NameOf(i), _factors[i]);
        }
    }

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override double Scale => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Factors =>
        [.. _factors.Select((factor, i) => new AdapterParameter(NameOf(i), factor, _rateRatios[i], IsHead: false))];

    private protected override Tensor InputRows() => _factors[0];

    internal static string NameOf(int index) => $"factor_{index}";

    internal static DeepLora Begin(AdaptedLayer layer, DeepLoraOptions options, Seed seed)
    {
        using var scope = NewDisposeScope();
        var width = options.WidthOn(layer);
        var factors = new List<Tensor>();
        for (var i = 0; i < options.Depth; i++)
        {
            var rows = i == options.Depth - 1 ? layer.Outputs : width;
            var columns = i == 0 ? layer.Inputs : width;
            var factor = Initialize.SemiOrthogonal(rows, columns, seed.For(NameOf(i)), options.InitialScale);
            factors.Add(i == 0 ? AdapterStart.InputSide(layer, factor) : AdapterStart.Place(layer, factor));
        }

        return new DeepLora(layer, options, factors);
    }

    // Copies the outer factors; the inner ones start at the initial scale times the identity (theory 4).
    internal static DeepLora FromOuterFactors(AdaptedLayer layer, DeepLoraOptions options, OuterFactors start)
    {
        using var scope = NewDisposeScope();
        var inner = eye(options.Rank) * options.InitialScale;
        return new DeepLora(
            layer,
            options,
            [
                AdapterStart.InputSide(layer, start.Right),
                .. Enumerable.Range(0, options.Depth).Select(_ => AdapterStart.Place(layer, inner)),
                AdapterStart.Place(layer, start.Left),
            ]);
    }

    private protected override Tensor OutputRows()
    {
        if (_factors.Length == 2)
        {
            return _factors[^1].t().contiguous();
        }

        // Inner factors first: they are the small ones.
        Tensor core = _factors[1];
        for (var i = 2; i < _factors.Length - 1; i++)
        {
            core = _factors[i].mm(core);
        }

        return core.t().mm(_factors[^1].t()); // (left·core)ᵀ, [rank, out]
    }
}
