namespace LowRank.Completion;

/// <summary>
/// The default method: alternating ridge regressions whose weights are learned from the data (variational Bayes).
/// </summary>
/// <remarks>
/// No learning rate and no regularization weight to choose: the variance of the noise, of the biases and of every
/// direction is estimated, and directions that the data do not support shrink away, so that over-estimating the rank
/// costs time but not accuracy. A sweep costs O(observed x rank^2).
/// </remarks>
public sealed record VariationalBayes : CompletionMethod
{
    /// <inheritdoc/>
    public override string Name => "bayes";

    /// <summary>Sweeps over rows and columns at most.</summary>
    /// <value>Default 100; 1 or more.</value>
    public int MaxSweeps { get; init; } = 100;

    /// <summary>Stops when a sweep improves the error by less than this share.</summary>
    /// <value>Default 0.0005, relative; measured on held-out entries where there are any, else on the data.</value>
    public double Tolerance { get; init; } = 5e-4;

    internal override void Validate(List<string> faults)
    {
        if (MaxSweeps < 1)
        {
            faults.Add($"MaxSweeps: got {MaxSweeps}; wanted 1 or more.");
        }

        if (!(Tolerance >= 0 && Tolerance < 1))
        {
            faults.Add($"Tolerance: got {Tolerance}; wanted 0 or more and below 1.");
        }
    }
}
