using System.Globalization;
using LowRank.Adapters;
using LowRank.Experiments.Comparisons;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>A fine-tuning run of a language target.</summary>
internal sealed record LanguageRun
{
    /// <summary>Rows of a step.</summary>
    public const int BatchSize = 16;

    private const double PaperEpsilon = 1e-6;
    private const int Evaluations = 5;
    private const int Beams = 4;

    // Roughly, on one core: a step of the built-in models, and what a base model takes longer.
    private const double SecondsPerStep = 0.03;
    private const double WideSteps = 2.5;
    private const double SecondsOfWriting = 4;
    private const double LargeModel = 120;

    public required LanguageScene Scene { get; init; }

    public required LanguageTask Task { get; init; }

    public required Protocol Protocol { get; init; }

    public required LanguageMethod Method { get; init; }

    /// <summary>The rank of methods that have one.</summary>
    public required int Rank { get; init; }

    /// <summary>Rows to learn from; null for all.</summary>
    public required int? Rows { get; init; }

    public required int Steps { get; init; }

    public required double LearningRate { get; init; }

    /// <summary>Steps between evaluations; null for the last alone, or for five.</summary>
    public int? EvaluateEvery { get; init; }

    /// <summary>Whether the fair protocol takes all steps too.</summary>
    public bool RunsToTheEnd { get; init; }

    /// <summary>Which layers are adapted; null for the paper's or the usual ones.</summary>
    public string? Layers { get; init; }

    /// <summary>The most tokens of a text.</summary>
    public int MaxLength { get; init; } = 128;

    /// <summary>The share of the learning rate that the paper's protocol ends with.</summary>
    public double FinalRateShare { get; init; } = 1;

    /// <summary>Looks at the adapters; null for nothing.</summary>
    public Func<AdapterSet, RunWatch>? Watch { get; init; }

    /// <summary>The run as a cell.</summary>
    /// <param name="seed">Its seed.</param>
    public Cell ToCell(int seed) => new(
        [
            ("protocol", Protocol.ToString().ToLowerInvariant()),
            ("task", Task.Name),
            ("method", Method.Name),
            ("rank", Text(Method.RankOf(Rank))),
            ("rows", Rows is { } rows ? Text(rows) : "all"),
            ("rate", Text(LearningRate)),
        ],
        seed,
        Seconds,
        context => Run(seed, context));

    private double Seconds => (Scene.IsBuiltIn ? 1 : LargeModel)
        * (1 + (SecondsPerStep * Steps * (Method.HasRank ? 1 : WideSteps)) + (Task.WritesTexts ? SecondsOfWriting : 0));

    private CellResult Run(int seed, CellContext context)
    {
        using var model = BaseModel.Load(Scene.RequireFolder(), Task.Any, context.Device);
        var (training, validation, test) = Task.Draw(Protocol, Rows, seed, model.Encoder, MaxLength);
        using var tuner = new TextFineTuner(OptionsFor(model, seed), model, training, validation);
        var (losses, scores) = (new LossWatch(), new ScoreWatch(ValidationScore, Steps, context.Progress));
        var watch = Watch?.Invoke(tuner.Adapters);
        var result = tuner.Train([losses, scores, .. watch is null ? Array.Empty<TrainingObserver>() : [watch]], context.Cancellation);
        context.Cancellation.ThrowIfCancellationRequested();
        var judged = Judge(model, tuner, test);
        Dictionary<string, double> numbers = new()
        {
            ["score"] = judged.ToDictionary().GetValueOrDefault(Task.Score.Name, double.NaN),
            ["validation"] = result.BestScores.ToDictionary().GetValueOrDefault(ValidationScore, double.NaN),
            ["steps"] = result.Steps,
            ["kept_step"] = result.KeptStep,
            ["finite"] = result.Reason is StopReason.LossNotFinite or StopReason.GradientNotFinite ? 0 : 1,
            ["first_loss"] = losses.First,
            ["last_loss"] = result.TrainingLoss,
            ["first_step_below_1"] = losses.FirstBelow(1) ?? double.NaN,
            ["different_rows"] = training.Examples.Distinct().Count(),
            ["trained_numbers"] = tuner.Adapters.CountParameters().Trainable,
            ["seconds_per_step"] = result.Throughput.SecondsPerStep,
        };
        foreach (var (name, value) in judged)
        {
            numbers[$"test_{name}"] = value;
        }

        return new(numbers, new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>(watch?.Series() ?? [])
        {
            ["loss"] = losses.Curve(),
            ["scores"] = scores.Scores,
        });
    }

    /// <summary>What chooses the step and the rate: texts are not written for that.</summary>
    private string ValidationScore => Task.WritesTexts ? Metric.Loss.Name : Task.Score.Name;

    private FineTuneOptions OptionsFor(BaseModel model, long seed)
    {
        var hidden = model is BaseClassifier classifier ? classifier.Model.Config.HiddenSize : ((BaseGenerator)model).Model.Config.HiddenSize;
        var common = new FineTuneOptions
        {
            ModelFolder = model.Folder,
            Adapter = Method.AdapterFor(Protocol, Rank),
            MaxLength = MaxLength,
            Metric = ValidationScore,
            Generator = Task.WritesTexts ? new() { MaxTargetLength = MaxLength } : null,
            Training = new() { Steps = Steps, BatchSize = BatchSize, LearningRate = LearningRate, Seed = seed },
        };
        return Protocol == Protocol.Paper
            ? common with
            {
                // Every matrix at least as large as the hidden layers, which leaves out a BERT's positions.
                Targets = Layers ?? TargetSelector.AllDenseWord,
                MinimumSize = hidden,
                Exclude = ["position_embeddings"],
                TrainHead = false,
                HeadSeed = 0,
                Training = common.Training with
                {
                    DropLast = true,
                    Schedule = FinalRateShare < 1 ? new() { FinalShare = FinalRateShare } : new() { Kind = ScheduleKind.Constant },
                    Optimizer = new() { Epsilon = PaperEpsilon },
                    MaxGradientNorm = 0,
                    Patience = 0,
                    KeepBest = false,
                    EvaluateEvery = EvaluateEvery ?? Steps,
                },
            }
            : common with
            {
                Targets = Layers ?? TargetSelector.AllLinearWord,
                Training = common.Training with
                {
                    EvaluateEvery = EvaluateEvery ?? Math.Max(1, Steps / Evaluations),
                    Patience = RunsToTheEnd ? 0 : common.Training.Patience,
                },
            };
    }

    // Texts are written in the end only, with the paper's beams.
    private IReadOnlyList<KeyValuePair<string, double>> Judge(BaseModel model, TextFineTuner tuner, ExampleSet test)
    {
        if (model is not BaseGenerator generator)
        {
            return tuner.Evaluate(test);
        }

        var task = new GeneratorTask(generator.Model, generator.Encoder, test, test, new()
        {
            MaxLength = MaxLength,
            Generator = new() { MaxTargetLength = MaxLength, WritesTexts = true, Beams = Beams },
        });
        task.SetTraining(false);
        return task.Evaluate();
    }

    private static string Text(double number) => number.ToString("0.###############", CultureInfo.InvariantCulture);
}
