namespace LowRank.Experiments.Reproduction;

/// <summary>A figure, table or theorem that can be made again.</summary>
public abstract class Target
{
    /// <summary>The word a user types, such as <c>fig5</c>.</summary>
    public abstract string Id { get; }

    /// <summary>Where it is in the paper.</summary>
    public abstract string Place { get; }

    /// <summary>What it shows, in one line.</summary>
    public abstract string Shows { get; }

    /// <summary>What it needs besides this program.</summary>
    public abstract string Needs { get; }

    /// <summary>The tasks that it fine-tunes a model on unless told otherwise, where the model is not a built-in one.</summary>
    /// <value>None: it is about matrices.</value>
    public virtual IReadOnlyList<string> PaperTasks => [];

    /// <summary>Everything that its runs' numbers depend on, besides the seeds: a record of plain values.</summary>
    /// <param name="options">What the user chose.</param>
    /// <returns>The settings, written beside the runs; runs under other settings are not mixed with them.</returns>
    public abstract object Settings(ReproductionOptions options);

    /// <summary>Its runs, seed by seed.</summary>
    /// <param name="options">What the user chose.</param>
    /// <returns>Independent runs with different keys.</returns>
    public abstract IReadOnlyList<Cell> Cells(ReproductionOptions options);

    /// <summary>Compares what came out with what was expected.</summary>
    /// <param name="records">The runs that there are; some may be missing.</param>
    /// <param name="options">The scale, model and tasks that they were made with; the rest counts for nothing.</param>
    /// <returns>Findings, tables and the figure.</returns>
    public abstract TargetOutcome Judge(IReadOnlyList<CellRecord> records, ReproductionOptions options);
}
