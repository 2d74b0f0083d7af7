using System.Globalization;
using TorchSharp;

namespace LowRank.Factorization;

/// <summary>The shape and the start of a <see cref="DeepFactorization"/>.</summary>
public sealed record FactorizationOptions
{
    /// <summary>Number of factors L, at least 2.</summary>
    /// <value>Default 3, the paper's.</value>
    public int Depth { get; init; } = 3;

    /// <summary>Hidden width of the factors, at least 1; null for the larger side of the matrix.</summary>
    /// <value>Default null, the overparameterized case of the theory.</value>
    public long? Width { get; init; }

    /// <summary>Initial scale ε of every factor, above 0.</summary>
    /// <value>Default 1e-3, the paper's (theory 5).</value>
    public double InitialScale { get; init; } = 1e-3;

    /// <summary>
    /// Initial scales ε_1 … ε_L, one per factor in the order in which they act; null to use one scale.
    /// </summary>
    /// <value>Default null.</value>
    public IReadOnlyList<double>? InitialScales { get; init; }

    /// <summary>Precision of the factors: Float64 or Float32.</summary>
    /// <value>Default Float64: the product starts at ε^L, here 1e-9.</value>
    public torch.ScalarType Dtype { get; init; } = torch.ScalarType.Float64;

    /// <summary>Where the factors live; null for the CPU.</summary>
    /// <value>Default null.</value>
    public torch.Device? Device { get; init; }

    internal IReadOnlyList<double> Scales() => InitialScales ?? [.. Enumerable.Repeat(InitialScale, Depth)];

    internal void Validate()
    {
        var faults = new List<string>();
        Require(Depth >= 2, nameof(Depth), Depth, "at least 2");
        Require(Width is null or >= 1, nameof(Width), Width, "at least 1, or null");
        Require(InitialScales is not null || (InitialScale > 0 && double.IsFinite(InitialScale)),
            nameof(InitialScale), InitialScale, "a finite number > 0");
        Require(InitialScales is null || InitialScales.Count == Depth,
            nameof(InitialScales), InitialScales?.Count, $"{Depth} numbers, one per factor");
        Require(InitialScales is null || InitialScales.All(scale => scale > 0 && double.IsFinite(scale)),
            nameof(InitialScales), InitialScales is null ? "" : string.Join(", ", InitialScales), "finite numbers > 0");
        Require(Dtype is torch.ScalarType.Float32 or torch.ScalarType.Float64,
            nameof(Dtype), Dtype, "Float32 or Float64");
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", faults));
        }

        void Require(bool holds, string name, object? got, string wanted)
        {
            if (!holds)
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: got {got}; wanted {wanted}."));
            }
        }
    }
}
