using LowRank.Tensors;

namespace LowRank.Transformers.Generation;

/// <summary>How texts are written: greedily, by beams, or by chance.</summary>
public sealed record GenerationOptions
{
    /// <summary>The most tokens of a text, its end token included; at least 1.</summary>
    /// <value>128.</value>
    public int MaximumLength { get; init; } = 128;

    /// <summary>The fewest tokens before the end token; 0 to <see cref="MaximumLength"/>.</summary>
    /// <value>0.</value>
    public int MinimumLength { get; init; }

    /// <summary>How many continuations of each text are followed; 1 is greedy. At least 1.</summary>
    /// <value>1.</value>
    public int Beams { get; init; } = 1;

    /// <summary>The power of the length that a finished beam's log-probability is divided by: above 0 favours long
    /// texts, below 0 short ones.</summary>
    /// <value>1.</value>
    public double LengthPenalty { get; init; } = 1;

    /// <summary>Whether a text is done as soon as it has as many finished beams as there are beams; else when no open
    /// beam can come out better.</summary>
    /// <value>False.</value>
    public bool StopsEarly { get; init; }

    /// <summary>No run of so many tokens comes twice in a text; 0 for no such rule.</summary>
    /// <value>0.</value>
    public int UniqueRunLength { get; init; }

    /// <summary>Whether tokens are drawn by chance instead of the likeliest taken; one beam only.</summary>
    /// <value>False.</value>
    public bool Samples { get; init; }

    /// <summary>What the scores are divided by before drawing; above 0, less is more certain.</summary>
    /// <value>1.</value>
    public double Temperature { get; init; } = 1;

    /// <summary>Draws among so many of the likeliest tokens; 0 for all.</summary>
    /// <value>0.</value>
    public int TopK { get; init; }

    /// <summary>Draws among the fewest tokens that have this probability together; above 0, 1 for all.</summary>
    /// <value>1.</value>
    public double TopP { get; init; } = 1;

    /// <summary>The start of what is drawn. A text's draws depend on this and on its place alone.</summary>
    /// <value>0.</value>
    public Seed Seed { get; init; } = Seed.From(0);

    /// <summary>The most tokens of a source, its end token included; the rest is cut off. At least 1.</summary>
    /// <value>512.</value>
    public int SourceLength { get; init; } = 512;

    /// <summary>The texts written at a time; at least 1. Changes the speed, not the result.</summary>
    /// <value>16.</value>
    public int BatchSize { get; init; } = 16;

    /// <summary>Whether keys and values of tokens read are kept. Changes the speed, not the result.</summary>
    /// <value>True.</value>
    public bool UsesCache { get; init; } = true;

    /// <summary>Refuses values out of range.</summary>
    internal void Validate()
    {
        Check.AtLeast(MaximumLength, 1);
        Check.InRange(MinimumLength, 0, MaximumLength);
        Check.AtLeast(Beams, 1);
        Check.InRange(LengthPenalty, -100, 100);
        Check.AtLeast(UniqueRunLength, 0);
        Check.Positive(Temperature);
        Check.AtLeast(TopK, 0);
        Check.Positive(TopP);
        Check.InRange(TopP, 0, 1);
        Check.AtLeast(SourceLength, 1);
        Check.AtLeast(BatchSize, 1);
        Check.That(
            !Samples || Beams == 1,
            nameof(Beams),
            $"Beams: got {Beams} with Samples; wanted 1, as a drawn text has no other beams.");
    }
}
