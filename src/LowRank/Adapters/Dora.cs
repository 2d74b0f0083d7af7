using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// Weight-decomposed low-rank adaptation: LoRA changes the direction of each of the weight's rows, and a trained number
/// per row is its length.
/// </summary>
/// <remarks>
/// Liu et al. 2024 (arXiv 2402.09353), as PEFT does it: with V = W + scale·B·A and the row lengths n = ‖V‖, taken as
/// constants by the gradient, the layer's weight is <c>(m / n)·V</c>. Neither V nor B·A is formed: with the lengths of W
/// known, <c>‖V‖² = ‖W‖² + 2·scale·⟨B, W·Aᵀ⟩ + scale²·⟨B, B·(A·Aᵀ)⟩</c> row by row.
/// </remarks>
public sealed class Dora : Adapter
{
    internal const string NameMagnitude = "lora_magnitude_vector";

    private readonly LoraOptions _options;
    private readonly Parameter _a;
    private readonly Parameter _b;
    private readonly Parameter _magnitude;
    private readonly Parameter? _bias;
    private readonly Tensor _squares;

    // Takes over A [rank, in], B [out, rank] and the magnitude [out].
    internal Dora(AdaptedLayer layer, LoraOptions options, Tensor a, Tensor b, Tensor magnitude)
        : base(layer, options.Dropout)
    {
        _options = options;
        _a = new Parameter(a);
        _b = new Parameter(b);
        _magnitude = new Parameter(magnitude);
        _bias = layer.Module.get_parameter("bias");
        _squares = SquaredRows(layer);
        register_parameter(Lora.NameA, _a);
        register_parameter(Lora.NameB, _b);
        register_parameter(NameMagnitude, _magnitude);
        register_buffer("squares", _squares);
    }

    /// <inheritdoc/>
    public override int Rank => _options.Rank;

    /// <inheritdoc/>
    public override double Scale => _options.Scale;

    /// <summary>The trained length of each row of the weight, <c>[out]</c>; owned by the adapter.</summary>
    public Tensor Magnitude => _magnitude;

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Factors =>
    [
        new(Lora.NameA, _a, 1, IsHead: false),
        new(Lora.NameB, _b, _options.RateRatioB, IsHead: false),
        new(NameMagnitude, _magnitude, 1, IsHead: false),
    ];

    internal static Dora Begin(AdaptedLayer layer, LoraOptions options, Tensor a, Tensor b)
    {
        using var squares = SquaredRows(layer);
        return new Dora(layer, options, a, b, squares.sqrt().DetachFromDisposeScope());
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var rows = input.reshape(-1, Layer.Inputs).to(Type);
        var plain = nn.functional.linear(rows, AdapterStart.Map(Layer));
        return Shaped(Scaled(plain, input) - plain, input).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Delta()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var weight = AdapterStart.Map(Layer);
        var turned = weight.addmm(_b, _a, beta: 1, alpha: (float)Scale);
        return (turned * Ratio().unsqueeze(1) - weight).MoveToOuterDisposeScope();
    }

    internal override Tensor AddTo(Tensor output, Tensor input)
    {
        using var scope = NewDisposeScope();
        var typed = output.reshape(-1, Layer.Outputs).to(Type);
        var bias = _bias?.to(Type);
        var scaled = Scaled(bias is null ? typed : typed - bias, input);
        return Shaped(bias is null ? scaled : scaled + bias, input).to(output.dtype).MoveToOuterDisposeScope();
    }

    private protected override Tensor InputRows() => _a;

    private protected override Tensor OutputRows() => _b.t().contiguous();

    // What the weight (m / n)·V gives, from what W gives, [tokens, out].
    private Tensor Scaled(Tensor plain, Tensor input) =>
        plain.addmm(Project(input), OutputRows(), beta: 1, alpha: (float)Scale) * Ratio();

    // m / n, [out]: the gradient reaches m alone.
    private Tensor Ratio()
    {
        Tensor lengths;
        using (no_grad())
        {
            var crossed = AdapterStart.Map(Layer).mm(_a.t()); // [out, rank]
            var inner = _b.mm(_a.mm(_a.t()));
            var squares = _squares + ((2 * Scale * crossed) + (Scale * Scale * inner)).mul_(_b).sum(1);
            lengths = squares.clamp_min(float.Epsilon).sqrt();
        }

        return _magnitude / lengths;
    }

    private static Tensor SquaredRows(AdaptedLayer layer)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return AdapterStart.Map(layer).square().sum(1).DetachFromDisposeScope();
    }
}
