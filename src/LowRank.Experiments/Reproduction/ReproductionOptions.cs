using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction;

/// <summary>What a user may choose about a reproduction.</summary>
public sealed record ReproductionOptions
{
    /// <summary>The paper's settings or a smaller one.</summary>
    /// <value>Default <see cref="ReproductionScale.Full"/>.</value>
    public ReproductionScale Scale { get; init; }

    /// <summary>The model and the tasks of the targets that fine-tune one.</summary>
    /// <value>Default null: the model that the program comes with, and the target's tasks of the sample world.</value>
    public LanguageSource? Language { get; init; }

    /// <summary>Which ways of training those targets compare.</summary>
    /// <value>Default both.</value>
    public IReadOnlyList<Protocol> Protocols { get; init; } = [Protocol.Paper, Protocol.Fair];

    /// <summary>Seeds of the trials, at least one; null for the target's own.</summary>
    /// <value>Default null: as many as the paper has.</value>
    public IReadOnlyList<int>? Seeds { get; init; }

    /// <summary>Threads of each run, at least 1.</summary>
    /// <value>Default 1: most of these matrices are too small to share, and runs can be shared instead.</value>
    public int Threads { get; init; } = 1;

    /// <summary>Where the runs compute: <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <value>Default null: the CPU. Runs of other devices have a folder of their own.</value>
    public string? Device { get; init; }

    internal void Validate()
    {
        _ = ComputeDevice.Parse(Device ?? ComputeDevice.Cpu);
        Check.AtLeast(Threads, 1);
        Check.That(Protocols.Count > 0, nameof(Protocols), "Protocols: got none; wanted paper, fair or both.");
        Check.That(Seeds is null || Seeds.Count > 0, nameof(Seeds), "Seeds: got none; wanted at least one.");
    }
}
