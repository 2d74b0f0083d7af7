using LowRank.Tensors;
using LowRank.Transformers.Generation;

namespace LowRank.FineTuning.Training;

/// <summary>What belongs to a model that writes texts, beside what all fine-tuning has.</summary>
public sealed record GeneratorOptions
{
    /// <summary>Goes before each source, such as <c>summarize: </c>; in training and afterwards.</summary>
    /// <value>Empty.</value>
    public string Prefix { get; init; } = "";

    /// <summary>The most tokens of a target text, its end token included; longer ones are cut, none is written.</summary>
    /// <value>128; at least 2.</value>
    public int MaxTargetLength { get; init; } = 128;

    /// <summary>The share of a target token's probability that goes to all tokens alike in the training loss.</summary>
    /// <value>0; [0, 1).</value>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether each evaluation writes texts and scores them; costly.</summary>
    /// <value>False: only when such a score decides what is best.</value>
    public bool WritesTexts { get; init; }

    /// <summary>How many continuations of a text are followed when it is written; 1 is greedy.</summary>
    /// <value>1.</value>
    public int Beams { get; init; } = 1;

    // How a run writes unless told otherwise.
    internal GenerationOptions ToGeneration(int sourceLength) =>
        new() { MaximumLength = MaxTargetLength, SourceLength = sourceLength, Beams = Beams };

    internal void Validate(int vocabulary)
    {
        Check.NotNull(Prefix);
        Check.AtLeast(MaxTargetLength, 2);
        Check.InRange(LabelSmoothing, 0, 0.999);
        Check.InRange(Beams, 1, vocabulary);
    }
}
