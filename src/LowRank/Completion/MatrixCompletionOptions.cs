using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>What a completion is made of, whichever method solves it.</summary>
public sealed record MatrixCompletionOptions
{
    /// <summary>How many directions beyond the biases; an over-estimate is harmless.</summary>
    /// <value>Default 32, cut to the smaller side of the matrix; 0 fits the biases alone.</value>
    public int? Rank { get; init; }

    /// <summary>Whether the mean and a bias for each row and column are part of the model.</summary>
    /// <value>Default true. Turn off for matrices that are low-rank as they are.</value>
    public bool Biases { get; init; } = true;

    /// <summary>Whether predictions are kept inside the range of the values seen.</summary>
    /// <value>Default true.</value>
    public bool Clamp { get; init; } = true;

    /// <summary>
    /// The share of the entries set aside to decide when to stop. They are learned from too, once that is decided, by
    /// <see cref="VariationalBayes"/>; <see cref="CompressedDescent"/> never sees them.
    /// </summary>
    /// <value>Default 0.05; 0 to 0.5. Fewer than 200 entries are all learned from.</value>
    public double Validation { get; init; } = 0.05;

    /// <summary>Whether the model remembers which entries it saw, so that recommendations can leave them out.</summary>
    /// <value>Default true; four bytes an entry.</value>
    public bool RememberObserved { get; init; } = true;

    /// <summary>Where randomness comes from: the validation entries and the start.</summary>
    /// <value>Default 0.</value>
    public Seed Seed { get; init; }

    /// <summary>How many threads work; the result is the same for a given number.</summary>
    /// <value>Default 0: one for each processor.</value>
    public int Threads { get; init; }

    /// <summary>How the completion is solved.</summary>
    /// <value>Default <see cref="VariationalBayes"/>.</value>
    public CompletionMethod Method { get; init; } = new VariationalBayes();

    /// <summary>The largest rank that is tried by default.</summary>
    internal const int DefaultRank = 32;

    /// <summary>Threads with the default filled in.</summary>
    internal int ThreadCount => Threads == 0 ? Environment.ProcessorCount : Threads;

    /// <summary>Throws one message with every fault.</summary>
    internal void Validate()
    {
        var faults = new List<string>();
        if (Rank is < 0)
        {
            faults.Add($"Rank: got {Rank}; wanted 0 or more.");
        }

        if (!(Validation >= 0 && Validation <= 0.5))
        {
            faults.Add(FormattableString.Invariant($"Validation: got {Validation}; wanted 0 to 0.5."));
        }

        if (Threads < 0)
        {
            faults.Add($"Threads: got {Threads}; wanted 0 (all) or more.");
        }

        Check.NotNull(Method).Validate(faults);
        Check.That(faults.Count == 0, nameof(MatrixCompletionOptions), string.Join(' ', faults));
    }
}
