using LowRank.Tensors;
using TorchSharp;

namespace LowRank.FineTuning.Pretraining;

/// <summary>What differs between the families that can be pre-trained: the model, its task, and its files.</summary>
internal abstract class LanguageModel : IDisposable
{
    /// <summary>The model.</summary>
    public abstract torch.nn.Module Module { get; }

    /// <summary>How it learns.</summary>
    public abstract LanguageTask Task { get; }

    /// <summary>Paths of the parts that the folder gone on from lacks, and that are therefore random.</summary>
    public abstract IReadOnlyList<string> NewLayers { get; }

    /// <summary>What its card says of it.</summary>
    public abstract ModelCard Card { get; }

    /// <summary>Writes <c>config.json</c> into a folder.</summary>
    public abstract void WriteConfig(string folder);

    /// <summary>Writes <c>model.safetensors</c> into a folder.</summary>
    public abstract void WriteWeights(string folder, TensorDtype dtype);

    /// <summary>Frees the model.</summary>
    public void Dispose() => Module.Dispose();
}
