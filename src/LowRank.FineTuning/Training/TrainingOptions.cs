using LowRank.Adapters;
using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>Everything about a training run but its data and its model.</summary>
public sealed record TrainingOptions
{
    private const double DefaultHeadRate = 2e-3;
    private const int DefaultEpochs = 10;
    private const int LeastSteps = 200;
    private const int Evaluations = 20;

    /// <summary>Passes over the training rows; ignored when <see cref="Steps"/> is set.</summary>
    /// <value>
    /// Null: 10, or with few rows as many as 200 steps take. At least 1; early stopping usually ends the run sooner.
    /// </value>
    public int? Epochs { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    /// <value>Null: as many as <see cref="Epochs"/> has.</value>
    public int? Steps { get; init; }

    /// <summary>Rows of one forward pass.</summary>
    /// <value>16; at least 1.</value>
    public int BatchSize { get; init; } = 16;

    /// <summary>Forward passes whose gradients are joined into one step, as if their rows were one batch.</summary>
    /// <value>1; at least 1.</value>
    public int AccumulationSteps { get; init; } = 1;

    /// <summary>Whether the last step of an epoch is left out when its rows do not fill it.</summary>
    /// <value>False; the Deep LoRA paper's runs left it out.</value>
    public bool DropLast { get; init; }

    /// <summary>The highest learning rate of adapters.</summary>
    /// <value>Null: the adapter's own <see cref="AdapterOptions.DefaultLearningRate"/>; above 0.</value>
    public double? LearningRate { get; init; }

    /// <summary>The highest learning rate of heads.</summary>
    /// <value>Null: 0.002, or the learning rate where nothing but the head is trained; above 0.</value>
    public double? HeadLearningRate { get; init; }

    /// <summary>How the rates rise and fall.</summary>
    /// <value>Linear, no warm-up.</value>
    public LearningRateSchedule Schedule { get; init; } = new();

    /// <summary>The optimizer's decays.</summary>
    /// <value>AdamW's defaults, no weight decay.</value>
    public AdamWOptions Optimizer { get; init; } = new();

    /// <summary>The largest norm of the joint gradient.</summary>
    /// <value>1; 0 for no clipping.</value>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Steps between evaluations.</summary>
    /// <value>Null: one epoch, or a twentieth of the run where that is more.</value>
    public int? EvaluateEvery { get; init; }

    /// <summary>Evaluations without improvement after which the run stops.</summary>
    /// <value>5; 0 never stops early.</value>
    public int Patience { get; init; } = 5;

    /// <summary>Whether the run ends with the weights of its best evaluation instead of its last step.</summary>
    /// <value>True.</value>
    public bool KeepBest { get; init; } = true;

    /// <summary>Steps between checkpoints.</summary>
    /// <value>Null: one at every evaluation.</value>
    public int? CheckpointEvery { get; init; }

    /// <summary>The value all randomness of the run derives from.</summary>
    /// <value>0.</value>
    public long Seed { get; init; }

    /// <summary>Fills in the learning rates that nobody chose.</summary>
    /// <param name="adapter">What is trained; its defaults are taken.</param>
    /// <returns>Options whose rates are set.</returns>
    public TrainingOptions For(AdapterOptions adapter)
    {
        var rate = LearningRate ?? Check.NotNull(adapter).DefaultLearningRate;
        return this with
        {
            LearningRate = rate,
            HeadLearningRate = HeadLearningRate ?? (adapter is HeadOnlyOptions ? rate : DefaultHeadRate),
        };
    }

    /// <summary>These options with a warm-up, which as a share depends on the number of rows.</summary>
    /// <param name="warmUp">Whole steps; below 1, their share of the run.</param>
    /// <param name="rows">Training rows; at least 1.</param>
    /// <returns>The options.</returns>
    public TrainingOptions WithWarmUp(double warmUp, int rows)
    {
        Check.NotNegative(warmUp);
        var steps = warmUp < 1 ? (int)Math.Round(warmUp * TotalSteps(Check.AtLeast(rows, 1))) : (int)warmUp;
        return this with { Schedule = Schedule with { WarmupSteps = steps } };
    }

    internal double MaxNorm => MaxGradientNorm == 0 ? double.PositiveInfinity : MaxGradientNorm;

    internal int StepsPerEpoch(int rows) =>
        DropLast && rows > RowsPerStep ? rows / RowsPerStep : (rows + RowsPerStep - 1) / RowsPerStep;

    internal int TotalSteps(int rows) => Steps ?? (Epochs is { } epochs
        ? checked(epochs * StepsPerEpoch(rows))
        : Math.Max(LeastSteps, checked(DefaultEpochs * StepsPerEpoch(rows))));

    internal int EvaluationInterval(int rows) => EvaluateEvery ?? Math.Max(StepsPerEpoch(rows), TotalSteps(rows) / Evaluations);

    internal int CheckpointInterval(int rows) => CheckpointEvery ?? EvaluationInterval(rows);

    internal int RowsPerStep => checked(BatchSize * AccumulationSteps);

    internal void Validate()
    {
        Check.AtLeast(Epochs ?? 1, 1, nameof(Epochs));
        Check.AtLeast(Steps ?? 1, 1, nameof(Steps));
        Check.AtLeast(BatchSize, 1);
        Check.AtLeast(AccumulationSteps, 1);
        Check.Positive(LearningRate ?? DefaultHeadRate, nameof(LearningRate));
        Check.Positive(HeadLearningRate ?? DefaultHeadRate, nameof(HeadLearningRate));
        Check.NotNegative(MaxGradientNorm);
        Check.AtLeast(EvaluateEvery ?? 1, 1, nameof(EvaluateEvery));
        Check.AtLeast(CheckpointEvery ?? 1, 1, nameof(CheckpointEvery));
        Check.AtLeast(Patience, 0);
        Check.NotNull(Schedule).Validate();
        Check.NotNull(Optimizer).Validate();
    }
}
