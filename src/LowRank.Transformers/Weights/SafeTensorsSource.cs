using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Transformers.Weights;

/// <summary>The tensors of one safetensors file.</summary>
public sealed class SafeTensorsSource : TensorSource
{
    private readonly SafeTensorsFile _file;

    private SafeTensorsSource(SafeTensorsFile file) => _file = file;

    /// <inheritdoc/>
    public override string Path => _file.Path;

    /// <inheritdoc/>
    public override IReadOnlyList<TensorEntry> Entries => _file.Entries;

    /// <summary>Opens a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The source; the caller disposes it.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">No valid safetensors file; the message says where.</exception>
    public static SafeTensorsSource Open(string path) => new(SafeTensorsFile.Open(path));

    /// <inheritdoc/>
    public override Tensor Read(string name) => _file.ReadTensor(name);

    /// <inheritdoc/>
    protected override void Close() => _file.Dispose();
}
