using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// Plain low-rank adaptation: the update is <c>scale·B·A</c>, with A <c>[rank, in]</c> and B <c>[out, rank]</c>.
/// </summary>
/// <remarks>
/// Hu et al. 2021; initialised and scaled as PEFT does. It starts at zero, so at first nothing changes.
/// </remarks>
public sealed class Lora : Adapter
{
    [TorchSharp.Utils.ComponentName(Name = "lora_A")]
    private readonly Parameter _a;

    [TorchSharp.Utils.ComponentName(Name = "lora_B")]
    private readonly Parameter _b;

    private readonly LoraOptions _options;

    // Takes over a and b: [rank, in] ([rows, rank] for an embedding) and [out, rank].
    internal Lora(AdaptedLayer layer, LoraOptions options, Tensor a, Tensor b)
        : base(layer, options.Dropout)
    {
        _options = options;
        _a = new Parameter(a);
        _b = new Parameter(b);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override int Rank => _options.Rank;

    /// <inheritdoc/>
    public override double Scale => _options.Scale;

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Factors =>
    [
        new("lora_A", _a, 1, IsHead: false),
        new("lora_B", _b, _options.RateRatioB, IsHead: false),
    ];

    private protected override Parameter InputFactor => _a;

    internal static Lora Begin(AdaptedLayer layer, LoraOptions options, Seed seed)
    {
        using var generator = seed.Generator();
        var (inputs, outputs, rank) = (layer.Inputs, layer.Outputs, options.Rank);
        var onOutput = options.Start == LoraStart.Mirrored
            || (layer.IsEmbedding && options.Start == LoraStart.Kaiming);
        var deviation = options.Start == LoraStart.Gaussian ? 1.0 / rank : 1;
        using var a = zeros(rank, inputs);
        using var b = zeros(outputs, rank);
        if (onOutput)
        {
            b.normal_(0, deviation, generator);
        }
        else if (options.Start == LoraStart.Gaussian)
        {
            a.normal_(0, deviation, generator);
        }
        else
        {
            // kaiming_uniform with a = √5: the bound is √(6 / ((1 + 5) in)).
            var bound = 1 / Math.Sqrt(inputs);
            a.uniform_(-bound, bound, generator);
        }

        return new Lora(layer, options, AdapterStart.InputSide(layer, a), AdapterStart.Place(layer, b));
    }

    private protected override Tensor OutputRows() => _b.t().contiguous();
}
