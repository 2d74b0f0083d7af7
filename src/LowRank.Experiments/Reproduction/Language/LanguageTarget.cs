using static LowRank.Experiments.Reproduction.Targets.Origin;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>A target that fine-tunes a language model: many runs, under both protocols.</summary>
internal abstract class LanguageTarget : Target
{
    private const double LossBand = 0.02;

    public override string Needs => Writes ? "a T5" : "a BERT";

    /// <summary>Whether its models write texts.</summary>
    protected virtual bool Writes => false;

    /// <summary>Its tasks of the sample world.</summary>
    protected virtual IReadOnlyList<string> SampleTasks => ["similarity"];

    public override IReadOnlyList<string> PaperTasks => ["stsb"];

    /// <summary>What the first loss of LoRA is at the quick scale, under the paper's protocol and the fair one.</summary>
    protected abstract (double Paper, double Fair) QuickLosses { get; }

    public sealed override object Settings(ReproductionOptions options)
    {
        var (scene, setup) = (SceneOf(options), SetupOf(options));
        return new
        {
            scene.Model,
            Tasks = scene.Tasks.Select(task => task.Name),
            LanguageRun.BatchSize,
            setup.Steps,
            setup.Rows,
            setup.Ranks,
            setup.EvaluateEvery,
            PaperRates = MethodsOf(Protocol.Paper).Select(method => FormattableString.Invariant($"{method.Name} {method.PaperRate:0.#####}")),
            FairRateMultiples = setup.RateMultiples,
        };
    }

    public sealed override IReadOnlyList<Cell> Cells(ReproductionOptions options)
    {
        var (scene, setup) = (SceneOf(options), SetupOf(options));
        return
        [
            .. from protocol in options.Protocols
               from seed in options.Seeds ?? [.. Enumerable.Range(0, protocol == Protocol.Paper ? setup.PaperSeeds : setup.FairSeeds)]
               from task in scene.Tasks
               from rows in setup.Rows
               from method in MethodsOf(protocol)
               from rank in method.HasRank ? setup.Ranks : [0]
               where rank % 2 == 0 || !method.NeedsEvenRank
               from rate in setup.Rates(protocol, method, rank)
               select Adjust(new()
               {
                   Scene = scene,
                   Task = task,
                   Protocol = protocol,
                   Method = method,
                   Rank = rank,
                   Rows = rows,
                   Steps = setup.Steps,
                   LearningRate = rate,
                   EvaluateEvery = setup.EvaluateEvery,
                   RunsToTheEnd = setup.RunsToTheEnd,
               }).ToCell(seed),
        ];
    }

    public sealed override TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options)
    {
        var view = new LanguageView(SceneOf(options), SetupOf(options), records);
        var outcome = Judge(view);
        var shorter = view.Scene.IsBuiltIn && options.Scale == ReproductionScale.Full && BuiltIn.Steps < Full.Steps;
        return outcome with
        {
            Findings = [.. options.Scale == ReproductionScale.Quick ? FirstLosses(view) : [], .. outcome.Findings],
            Remarks =
            [
                view.Scene.IsThePapers ? "Model and tasks are the paper's."
                    : $"Model {view.Scene.Model} and the tasks {string.Join(", ", view.Scene.Tasks.Select(task => task.Name))} are not the paper's: "
                        + "its numbers stand beside ours to be looked at, without a band.",
                .. shorter ? [$"The built-in model is trained for {BuiltIn.Steps} steps, the paper's for {Full.Steps}."] : Array.Empty<string>(),
                .. outcome.Remarks,
            ],
        };
    }

    /// <summary>The paper's numbers.</summary>
    protected abstract LanguageSetup Full { get; }

    /// <summary>Those of a built-in model, which sees fewer steps and seeds than the paper's where these would take hours.</summary>
    protected virtual LanguageSetup BuiltIn => Full;

    /// <summary>A few steps: that everything runs.</summary>
    protected abstract LanguageSetup Quick { get; }

    /// <summary>The methods that it compares.</summary>
    protected virtual IReadOnlyList<LanguageMethod> MethodsOf(Protocol protocol) => LanguageMethod.All;

    /// <summary>A run with what is this target's own.</summary>
    protected virtual LanguageRun Adjust(LanguageRun run) => run;

    /// <summary>What its runs say.</summary>
    protected abstract TargetOutcome Judge(LanguageView view);

    private LanguageSetup SetupOf(ReproductionOptions options) =>
        options.Scale == ReproductionScale.Quick ? Quick : SceneOf(options).IsBuiltIn ? BuiltIn : Full;

    private LanguageScene SceneOf(ReproductionOptions options) => LanguageScene.Of(options, SampleTasks, PaperTasks, Writes);

    // That a quick reproduction has an expected value at all: that the same rows meet the same model.
    private IEnumerable<Finding> FirstLosses(LanguageView view)
    {
        var (task, method) = (view.Scene.Tasks[0], MethodsOf(Protocol.Paper)[0]);
        return new[] { (Protocol.Paper, QuickLosses.Paper), (Protocol.Fair, QuickLosses.Fair) }.Select(pair => Finding.Of(
            $"first training loss, {method.Label}, {LanguageView.Words(pair.Item1)}",
            view.Scores.Of(pair.Item1, task, method, view.Setup.Ranks[0], view.Setup.Rows[0])?.Runs.Take(1).Select(run => run.Number("first_loss")) ?? [],
            view.Scene.IsBuiltIn && view.Scene.Tasks.Select(one => one.Name).SequenceEqual(SampleTasks) ? Expectation.Near(pair.Item2, LossBand, OwnRun) : null));
    }
}
