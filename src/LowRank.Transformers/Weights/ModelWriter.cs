using System.Globalization;
using LowRank.Tensors;
using LowRank.Transformers.Hub;
using static TorchSharp.torch;

namespace LowRank.Transformers.Weights;

/// <summary>
/// Writes a model as a folder in the Hugging Face layout, which every tool that loads such models can load.
/// </summary>
/// <remarks>
/// <c>config.json</c> is the one the model came with, with what is different now; the tokenizer's files are copied; the
/// weights are safetensors, in several files with an index when they are too large for one. Tensors are converted and
/// written one at a time.
/// </remarks>
public static class ModelWriter
{
    /// <summary>Writes the folder, whole or not at all.</summary>
    /// <param name="folder">The target; it does not exist or is empty.</param>
    /// <param name="model">The model, as it is now: adapters that are attached but not merged are left out.</param>
    /// <param name="source">The folder that the model was made from: its configuration and tokenizer are taken.</param>
    /// <param name="options">Number format and sizes; the defaults when null.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="FileNotFoundException">The source has no configuration.</exception>
    /// <exception cref="InvalidDataException">
    /// A weight is NaN or infinite, or becomes so in the number format; or the configuration is malformed.
    /// </exception>
    /// <exception cref="IOException">The folder is in use or cannot be written; nothing is left behind.</exception>
    public static void Write(
        string folder, nn.Module model, string source, ModelWriterOptions? options = null)
    {
        Check.NotNull(model);
        Check.NotBlank(source);
        options ??= new ModelWriterOptions();
        options.Validate();
        var weights = model.named_parameters();
        foreach (var (name, tensor) in weights)
        {
            RequireFinite(folder, name, tensor, options.Dtype);
        }

        AtomicFolder.Write(
            folder,
            target =>
            {
                var files = HubFiles.OfTokenizers.Where(name => File.Exists(Path.Combine(source, name)));
                foreach (var name in files)
                {
                    File.Copy(Path.Combine(source, name), Path.Combine(target, name));
                }

                ConfigWriter.Write(target, model, source, options.Dtype);
                WriteWeights(target, [.. weights.Select(entry => (entry.name, (Tensor)entry.parameter))], options);
            },
            options.Replace);
    }

    private static void RequireFinite(string folder, string name, Tensor tensor, TensorDtype dtype)
    {
        using var scope = NewDisposeScope();
        if (!tensor.detach().to(dtype.ToScalarType()).isfinite().all().ReadNumber<bool>())
        {
            throw new InvalidDataException(tensor.detach().isfinite().all().ReadNumber<bool>()
                ? $"{folder}: '{name}': got numbers too large for {dtype.FileName()}; wanted finite ones: write BF16."
                : $"{folder}: '{name}': got a NaN or infinite number; wanted finite ones. Nothing was written.");
        }
    }

    private static void WriteWeights(
        string target, IReadOnlyList<(string Name, Tensor Tensor)> weights, ModelWriterOptions options)
    {
        var size = options.Dtype.ByteSize();
        var shards = Shards([.. weights.Select(entry => entry.Tensor.numel() * size)], options.MaxShardBytes);
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        var homes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var number = 0; number < shards.Count; number++)
        {
            var name = shards.Count == 1 ? CheckpointFolder.FileNames[0] : string.Create(
                CultureInfo.InvariantCulture, $"model-{number + 1:00000}-of-{shards.Count:00000}.safetensors");
            var tensors = shards[number].Select(index => weights[index]).ToList();
            SafeTensors.Write(
                Path.Combine(target, name),
                tensors.Select(entry => TensorData.Of(entry.Name, entry.Tensor, options.Dtype)),
                metadata);
            tensors.ForEach(entry => homes.Add(entry.Name, name));
        }

        if (shards.Count > 1)
        {
            ShardedCheckpoint.WriteIndex(target, homes, weights.Sum(entry => entry.Tensor.numel() * size));
        }
    }

    // In the model's order, each file as full as it may be.
    private static List<List<int>> Shards(IReadOnlyList<long> sizes, long most)
    {
        List<List<int>> shards = [[]];
        var filled = 0L;
        for (var index = 0; index < sizes.Count; index++)
        {
            if (filled > 0 && filled + sizes[index] > most)
            {
                shards.Add([]);
                filled = 0;
            }

            shards[^1].Add(index);
            filled += sizes[index];
        }

        return shards;
    }
}
