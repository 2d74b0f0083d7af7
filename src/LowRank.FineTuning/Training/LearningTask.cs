using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Training;

/// <summary>What is learned: the rows, the loss of some of them, and how good the model is now.</summary>
/// <remarks>The trainer knows nothing else of models and data.</remarks>
public abstract class LearningTask
{
    /// <summary>The number of training rows; at least 1.</summary>
    public abstract int Rows { get; }

    /// <summary>A text that tells this data from other data, so that a run is only resumed on its own.</summary>
    public abstract string Fingerprint { get; }

    /// <summary>The name of the score that decides what is best, as <see cref="Evaluate"/> gives it.</summary>
    public abstract string MainScore { get; }

    /// <summary>Whether a larger main score is better.</summary>
    public abstract bool HigherIsBetter { get; }

    /// <summary>The mean loss of some training rows, ready for the backward pass.</summary>
    /// <param name="rows">Indices of training rows.</param>
    /// <param name="noise">The stream of all randomness in the forward pass (dropout).</param>
    /// <returns>The loss, a scalar, in the caller's dispose scope; and the tokens that were computed on.</returns>
    public abstract (Tensor Loss, long Tokens) Loss(IReadOnlyList<int> rows, Seed noise);

    /// <summary>Scores the model on the validation rows, without dropout and without gradients.</summary>
    /// <returns>The scores by name, the main one among them, in a fixed order.</returns>
    public abstract IReadOnlyList<KeyValuePair<string, double>> Evaluate();

    /// <summary>Puts the model into training or evaluation mode.</summary>
    /// <param name="training">True while training steps are taken.</param>
    public abstract void SetTraining(bool training);
}
