using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>Options of <see cref="FlatAdamW"/>.</summary>
public sealed record AdamWOptions
{
    /// <summary>The decay of the mean of gradients.</summary>
    /// <value>0.9; in [0, 1).</value>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the mean of squared gradients.</summary>
    /// <value>0.999; in [0, 1).</value>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>What keeps the division finite.</summary>
    /// <value>1e-8; the Deep LoRA paper used 1e-6. Above 0.</value>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay of matrices; vectors (biases) are never decayed.</summary>
    /// <value>0; at least 0.</value>
    public double WeightDecay { get; init; }

    internal void Validate()
    {
        Check.That(Beta1 is >= 0 and < 1, nameof(Beta1), $"{nameof(Beta1)}: got {Beta1}; wanted 0 to below 1.");
        Check.That(Beta2 is >= 0 and < 1, nameof(Beta2), $"{nameof(Beta2)}: got {Beta2}; wanted 0 to below 1.");
        Check.Positive(Epsilon);
        Check.NotNegative(WeightDecay);
    }
}
