using System.Globalization;

namespace LowRank.Factorization;

/// <summary>Settings of <see cref="GradientDescent"/>.</summary>
public sealed record DescentOptions
{
    /// <summary>Step size η, above 0; it belongs to the objective's <see cref="LossScale"/>.</summary>
    /// <value>Default 0.01.</value>
    public double StepSize { get; init; } = 0.01;

    /// <summary>How a gradient becomes a step.</summary>
    /// <value>Default <see cref="DescentRule.Plain"/>.</value>
    public DescentRule Rule { get; init; } = DescentRule.Plain;

    /// <summary>
    /// Weight decay λ ≥ 0: each step first multiplies a factor by 1 − its step size · λ, for every rule.
    /// </summary>
    /// <value>Default 0, as in all experiments of the paper.</value>
    public double WeightDecay { get; init; }

    /// <summary>
    /// Discrepant rate γ ≥ 0: the outer factors of a compressed model step with γ · η. 0 freezes them, which is exact
    /// for a fully known low-rank target; completion needs a small positive rate. Unused by other models.
    /// </summary>
    /// <value>Default 0.01, the paper's.</value>
    public double OuterRate { get; init; } = 0.01;

    /// <summary>Part of the last step's direction kept by <see cref="DescentRule.Momentum"/>, 0 to below 1.</summary>
    /// <value>Default 0.9.</value>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Decay of Adam's mean of gradients, 0 to below 1.</summary>
    /// <value>Default 0.9.</value>
    public double AdamMeanDecay { get; init; } = 0.9;

    /// <summary>Decay of Adam's mean of squared gradients, 0 to below 1.</summary>
    /// <value>Default 0.999.</value>
    public double AdamSquareDecay { get; init; } = 0.999;

    /// <summary>Number added to Adam's root mean square, above 0.</summary>
    /// <value>Default 1e-8.</value>
    public double AdamFloor { get; init; } = 1e-8;

    /// <summary>Most steps taken, at least 0.</summary>
    /// <value>Default 100,000.</value>
    public int MaxSteps { get; init; } = 100_000;

    /// <summary>The loss is measured at step 0, every so many steps, and at the last step; at least 1.</summary>
    /// <value>Default 100, as in the paper's experiments.</value>
    public int CheckEvery { get; init; } = 100;

    /// <summary>A measured loss below this ends the descent; at least 0, where 0 never ends it.</summary>
    /// <value>Default 1e-10, the paper's.</value>
    public double Tolerance { get; init; } = 1e-10;

    internal void Validate()
    {
        var faults = new List<string>();
        Require(double.IsFinite(StepSize) && StepSize > 0, nameof(StepSize), StepSize, "a finite number > 0");
        Require(Enum.IsDefined(Rule), nameof(Rule), Rule, "Plain, Momentum or Adam");
        Require(double.IsFinite(WeightDecay) && WeightDecay >= 0,
            nameof(WeightDecay), WeightDecay, "a finite number >= 0");
        Require(double.IsFinite(OuterRate) && OuterRate >= 0, nameof(OuterRate), OuterRate, "a finite number >= 0");
        Require(Momentum is >= 0 and < 1, nameof(Momentum), Momentum, "0 to below 1");
        Require(AdamMeanDecay is >= 0 and < 1, nameof(AdamMeanDecay), AdamMeanDecay, "0 to below 1");
        Require(AdamSquareDecay is >= 0 and < 1, nameof(AdamSquareDecay), AdamSquareDecay, "0 to below 1");
        Require(double.IsFinite(AdamFloor) && AdamFloor > 0, nameof(AdamFloor), AdamFloor, "a finite number > 0");
        Require(MaxSteps >= 0, nameof(MaxSteps), MaxSteps, "at least 0");
        Require(CheckEvery >= 1, nameof(CheckEvery), CheckEvery, "at least 1");
        Require(double.IsFinite(Tolerance) && Tolerance >= 0, nameof(Tolerance), Tolerance, "a finite number >= 0");
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", faults));
        }

        void Require(bool holds, string name, object got, string wanted)
        {
            if (!holds)
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: got {got}; wanted {wanted}."));
            }
        }
    }
}
