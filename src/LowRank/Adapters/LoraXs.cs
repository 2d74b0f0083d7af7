using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// A rank × rank core between frozen frames, the leading singular vectors of the layer's own weight: the update is
/// <c>scale·U·S·core·Vᵀ</c>.
/// </summary>
/// <remarks>
/// Bałazy et al. 2024 (arXiv 2405.17604). A layer trains rank² numbers, whatever its size; the update can never leave
/// the weight's own leading subspaces.
/// </remarks>
public sealed class LoraXs : FactoredAdapter
{
    internal const string InputFrame = "frame_in";
    internal const string Core = "core";
    internal const string OutputFrame = "frame_out";

    private readonly Parameter _inputFrame;
    private readonly Parameter _core;
    private readonly Parameter _outputFrame;
    private readonly LoraXsOptions _options;

    // Takes over the factors: Vᵀ as the layer stores its input side, the core [rank, rank], U·S [out, rank].
    internal LoraXs(AdaptedLayer layer, LoraXsOptions options, Tensor inputFrame, Tensor core, Tensor outputFrame)
        : base(layer, options.Dropout)
    {
        _options = options;
        _inputFrame = new Parameter(inputFrame, requires_grad: false);
        _core = new Parameter(core);
        _outputFrame = new Parameter(outputFrame, requires_grad: false);
        register_parameter(InputFrame, _inputFrame);
        register_parameter(Core, _core);
        register_parameter(OutputFrame, _outputFrame);
    }

    /// <inheritdoc/>
    public override int Rank => _options.Rank;

    /// <inheritdoc/>
    public override double Scale => (_options.Alpha ?? Rank) / Rank;

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Factors =>
    [
        new(InputFrame, _inputFrame, 0, IsHead: false),
        new(Core, _core, 1, IsHead: false),
        new(OutputFrame, _outputFrame, 0, IsHead: false),
    ];

    internal static LoraXs Begin(AdaptedLayer layer, LoraXsOptions options, Seed seed)
    {
        using var scope = NewDisposeScope();
        using var top = AdapterStart.LeadingOf(layer, options.Rank, seed.For("frames"));
        return new LoraXs(
            layer,
            options,
            AdapterStart.InputSide(layer, top.Right.t()),
            AdapterStart.Place(layer, Initialize.Gaussian(options.Rank, options.Rank, seed, options.InitialScale)),
            AdapterStart.Place(layer, top.Left * top.Values));
    }

    private protected override Tensor InputRows() => _inputFrame;

    private protected override Tensor OutputRows() => _core.t().mm(_outputFrame.t()); // (U·S·core)ᵀ, [rank, out]
}
