namespace LowRank.Completion;

/// <summary>
/// The paper's method: plain gradient descent on left x (W_L ... W_1) x right^T, from a small start compressed out of
/// the data, with its own rate for the outer factors.
/// </summary>
/// <remarks>
/// The model has 2 x rank columns: the data move twice as many directions as they have rank (docs/theory.md, 2). A step costs
/// O(observed x rank). The defaults are those of the paper's completion experiments.
/// </remarks>
public sealed record CompressedDescent : CompletionMethod
{
    /// <inheritdoc/>
    public override string Name => "descent";

    /// <summary>L, the number of inner factors.</summary>
    /// <value>Default 3; 1 or more.</value>
    public int Depth { get; init; } = 3;

    /// <summary>The outer factors step with gamma times the step size of the inner ones.</summary>
    /// <value>Default 0.01; 0 freezes the outer factors, which recovers only fully observed matrices.</value>
    public double Gamma { get; init; } = 0.01;

    /// <summary>epsilon: every inner matrix starts at this number times the identity.</summary>
    /// <value>Default 0.001; above 0.</value>
    public double InitialScale { get; init; } = 1e-3;

    /// <summary>
    /// Step size for half the sum of squared residuals; the paper's step s on the mean over all entries is this number
    /// times rows times columns.
    /// </summary>
    /// <value>Default null: taken from the data's largest singular value, halved whenever the loss would grow.</value>
    public double? StepSize { get; init; }

    /// <summary>Weight decay (L2) on every factor.</summary>
    /// <value>Default 0; a step shrinks an inner factor by step size times this.</value>
    public double WeightDecay { get; init; }

    /// <summary>Steps at most.</summary>
    /// <value>Default 100,000.</value>
    public int MaxSteps { get; init; } = 100_000;

    /// <summary>Losses are looked at every so many steps.</summary>
    /// <value>Default 100.</value>
    public int CheckEvery { get; init; } = 100;

    /// <summary>Stops when half the sum of squared residuals, divided by rows x columns, is below this.</summary>
    /// <value>Default 1e-10, the paper's.</value>
    public double Tolerance { get; init; } = 1e-10;

    /// <summary>Stops when the held-out error has not improved for so many checks after the loss began to fall.</summary>
    /// <value>Default 20.</value>
    public int Patience { get; init; } = 20;

    /// <summary>Where the factors start.</summary>
    /// <value>Default <see cref="DescentStart.Compressed"/>.</value>
    public DescentStart Start { get; init; }

    internal override void Validate(List<string> faults)
    {
        void Want(bool ok, string name, object? got, string wanted)
        {
            if (!ok)
            {
                faults.Add(FormattableString.Invariant($"{name}: got {got}; wanted {wanted}."));
            }
        }

        var shallowest = Start == DescentStart.Narrow ? 3 : 1;
        Want(Depth >= shallowest, nameof(Depth), Depth, $"{shallowest} or more");
        Want(double.IsFinite(Gamma) && Gamma >= 0, nameof(Gamma), Gamma, "0 or more");
        Want(double.IsFinite(InitialScale) && InitialScale > 0, nameof(InitialScale), InitialScale, "a number above 0");
        Want(StepSize is null || (double.IsFinite(StepSize.Value) && StepSize > 0), nameof(StepSize), StepSize, "a number above 0");
        Want(double.IsFinite(WeightDecay) && WeightDecay >= 0, nameof(WeightDecay), WeightDecay, "0 or more");
        Want(MaxSteps >= 1, nameof(MaxSteps), MaxSteps, "1 or more");
        Want(CheckEvery >= 1, nameof(CheckEvery), CheckEvery, "1 or more");
        Want(Tolerance >= 0, nameof(Tolerance), Tolerance, "0 or more");
        Want(Patience >= 1, nameof(Patience), Patience, "1 or more");
    }
}
