using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace LowRank.Transformers.Blocks;

/// <summary>Each row over its root mean square, times a weight: a layer norm without mean and bias.</summary>
/// <remarks>Zhang and Sennrich 2019.</remarks>
internal sealed class RmsNorm : torch.nn.Module<torch.Tensor, torch.Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    private readonly double _epsilon;

    /// <summary>A norm whose weight [width] is ones until loaded or drawn.</summary>
    /// <param name="width">The last dimension.</param>
    /// <param name="epsilon">What is added to the mean square.</param>
    public RmsNorm(int width, double epsilon)
        : base("norm")
    {
        using var scope = torch.NewDisposeScope();
        _weight = new Parameter(torch.ones(width));
        _weight.DetachFromDisposeScope();
        _epsilon = epsilon;
        RegisterComponents();
    }

    /// <summary>The normed rows, shaped as the input; the caller's scope owns them.</summary>
    public override torch.Tensor forward(torch.Tensor x)
    {
        if (FrozenNorm.Takes(x, _weight))
        {
            return FrozenNorm.Apply(x, _weight, (float)_epsilon);
        }

        using var scope = torch.NewDisposeScope();
        var inverse = (x.square().mean([-1], keepdim: true) + _epsilon).rsqrt();
        return (x * inverse * _weight).MoveToOuterDisposeScope();
    }
}
