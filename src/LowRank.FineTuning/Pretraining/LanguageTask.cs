using LowRank.FineTuning.Training;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Learning a language from plain text, judged by text that was set aside.</summary>
public abstract class LanguageTask : LearningTask
{
    /// <summary>The tokens of all rows to learn from.</summary>
    public abstract long TrainingTokens { get; }

    /// <summary>The tokens of all rows to judge by.</summary>
    public abstract long ValidationTokens { get; }

    /// <summary>What guessing by frequency scores on the validation rows.</summary>
    public abstract UnigramBaseline Baseline { get; }

    /// <inheritdoc/>
    public sealed override string MainScore => "loss";

    /// <inheritdoc/>
    public sealed override bool HigherIsBetter => false;
}
