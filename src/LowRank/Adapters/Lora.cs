using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// Plain low-rank adaptation: the update is <c>scale·B·A</c>, with A <c>[rank, in]</c> and B <c>[out, rank]</c>.
/// </summary>
/// <remarks>
/// Hu et al. 2021; initialised and scaled as PEFT does. It starts at zero, so at first nothing changes. The starts that
/// are not zero (PiSSA, OLoRA) keep what they started with as frozen anchors: the update is
/// <c>scale·(B·A − B₀·A₀)</c>, of twice the rank.
/// </remarks>
public sealed class Lora : FactoredAdapter
{
    internal const string NameA = "lora_A";
    internal const string NameB = "lora_B";
    internal const string NameAnchorA = "anchor_A";
    internal const string NameAnchorB = "anchor_B";

    private readonly Parameter _a;
    private readonly Parameter _b;
    private readonly Parameter? _anchorA;
    private readonly Parameter? _anchorB;
    private readonly LoraOptions _options;

    // Takes over the factors: A ([rank, in]; [rows, rank] for an embedding), B [out, rank], and anchors of these shapes.
    internal Lora(AdaptedLayer layer, LoraOptions options, IReadOnlyList<Tensor> factors)
        : base(layer, options.Dropout)
    {
        _options = options;
        _a = new Parameter(factors[0]);
        _b = new Parameter(factors[1]);
        register_parameter(NameA, _a);
        register_parameter(NameB, _b);
        if (factors.Count > 2)
        {
            _anchorA = new Parameter(factors[2], requires_grad: false);
            _anchorB = new Parameter(factors[3], requires_grad: false);
            register_parameter(NameAnchorA, _anchorA);
            register_parameter(NameAnchorB, _anchorB);
        }
    }

    /// <inheritdoc/>
    public override int Rank => _anchorA is null ? _options.Rank : 2 * _options.Rank;

    /// <inheritdoc/>
    public override double Scale => _options.Scale;

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Factors
    {
        get
        {
            AdapterParameter a = new(NameA, _a, 1, IsHead: false);
            AdapterParameter b = new(NameB, _b, _options.RateRatioB, IsHead: false);
            return _anchorA is null || _anchorB is null
                ? [a, b]
                : [a, b, new(NameAnchorA, _anchorA, 0, IsHead: false), new(NameAnchorB, _anchorB, 0, IsHead: false)];
        }
    }

    internal static Lora Begin(AdaptedLayer layer, LoraOptions options, Tensor a, Tensor b) =>
        new(layer, options, options.IsAnchored ? [a, b, AdapterStart.Place(layer, a), AdapterStart.Place(layer, b)] : [a, b]);

    private protected override Tensor InputRows() =>
        _anchorA is null ? _a : cat([_a, _anchorA], Layer.IsEmbedding ? 1 : 0);

    private protected override Tensor OutputRows() =>
        _anchorB is null ? _b.t().contiguous() : cat([_b.t(), -_anchorB.t()], 0);
}
