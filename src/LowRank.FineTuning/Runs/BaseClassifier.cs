using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tokenization;
using LowRank.Transformers.Weights;
using TorchSharp;

namespace LowRank.FineTuning.Runs;

/// <summary>A base model and its text encoder, loaded once for any number of runs, one after another.</summary>
/// <remarks>A run adapts it and leaves it as it was when the run's <see cref="TextFineTuner"/> is disposed.</remarks>
public sealed class BaseClassifier : IDisposable
{
    private BaseClassifier(TextEncoder encoder, SequenceClassifier model, LoadReport weights) =>
        (Encoder, Model, Weights) = (encoder, model, weights);

    /// <summary>The model's text encoder.</summary>
    public TextEncoder Encoder { get; }

    /// <summary>The model, in evaluation mode.</summary>
    public SequenceClassifier Model { get; }

    /// <summary>What became of each tensor of the model's checkpoint, and which are new.</summary>
    public LoadReport Weights { get; }

    /// <summary>Loads a model with a head for the labels of some rows.</summary>
    /// <param name="folder">The base model's folder in the Hugging Face layout.</param>
    /// <param name="rows">Rows with the labels that the model is to learn.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the model is of no known family.</exception>
    public static BaseClassifier Load(string folder, ExampleSet rows)
    {
        Check.NotNull(rows);
        var (model, weights) = Pretrained.SequenceClassifier(folder, default, rows.Labels?.Names ?? ["score"]);
        try
        {
            return new(TextEncoders.Load(folder, model.Config.VocabularySize), model, weights);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => Model.Dispose();

    /// <summary>Draws what the checkpoint did not have, the head above all, from a run's seed.</summary>
    internal void DrawHead(Seed seed) => Model.Initialize(seed.For("head"), Weights.NewlyInitialised);

    /// <summary>Lets a new head of one number start from the mean of what it is to predict.</summary>
    /// <remarks>Else hundreds of small steps go into a shift that tells nothing about the texts.</remarks>
    internal void CentreHead(ExampleSet training)
    {
        var bias = $"{Model.HeadLayers[^1]}.bias";
        if (training.Kind == LabelKind.Numbers && Weights.NewlyInitialised.Contains(bias))
        {
            using var frozen = torch.no_grad();
            _ = Model.get_parameter(bias)!.fill_(training.Examples.Average(example => example.Target!.Value));
        }
    }
}
