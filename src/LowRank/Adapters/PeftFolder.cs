using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// Adapter folders in the format of Hugging Face PEFT, which vLLM, llama.cpp and others read too.
/// </summary>
/// <remarks>
/// Written in the one form all readers agree on: a single rank (smaller ones padded with zeros), <c>lora_alpha = r</c>,
/// every scale folded into B, full module paths as targets. Deep LoRA leaves as exact plain LoRA (A its first factor, B
/// the product of the rest), and its own factors go beside, so that training can go on.
/// </remarks>
public static class PeftFolder
{
    /// <summary>The name of the weights file.</summary>
    public const string WeightsName = "adapter_model.safetensors";

    /// <summary>Writes a set of adapters and its heads.</summary>
    /// <param name="folder">The target folder; made when missing, its adapter files replaced.</param>
    /// <param name="set">The adapters, not merged.</param>
    /// <param name="options">What to say about the base model; nothing when null.</param>
    /// <exception cref="InvalidOperationException">The set is merged or disabled.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Write(string folder, AdapterSet set, PeftOptions? options = null)
    {
        Check.NotBlank(folder);
        Check.NotNull(set);
        if (set.IsMerged || !set.Enabled)
        {
            throw new InvalidOperationException("The adapters are merged or disabled; their own state is written.");
        }

        options ??= new PeftOptions();
        string[] heads = [.. set.HeadPaths.Union(TrainedHead.Find(set.Model, options.Heads))];
        var rank = set.Adapters.Max(adapter => adapter.Rank);
        using var tensors = new TensorMap();
        tensors.Metadata["format"] = "pt";
        foreach (var adapter in set.Adapters)
        {
            using var lora = adapter.ToLora();
            var (a, b) = PeftNames.Of(adapter.Layer);
            tensors.Add(PeftNames.Prefix + a, Pad(lora.A, rank, dimension: 0));
            tensors.Add(PeftNames.Prefix + b, Pad(lora.B, rank, dimension: 1));
        }

        foreach (var (name, parameter) in TrainedHead.ParametersIn(set.Model, heads))
        {
            using var gradients = no_grad();
            tensors.Add(PeftNames.Prefix + name, parameter.clone());
        }

        tensors.Save(Path.Combine(folder, WeightsName));
        AdapterSideFile.Write(folder, set);
        PeftConfig.Write(Path.Combine(folder, PeftConfig.FileName), set, rank, heads, options);
    }

    /// <summary>
    /// Reads a folder and attaches its adapters and heads to a model, ready to predict, merge or train on.
    /// </summary>
    /// <param name="folder">A folder written by <see cref="Write"/> or by PEFT.</param>
    /// <param name="model">The base model.</param>
    /// <returns>The attached set: Deep LoRA where its factors lie beside, LoRA otherwise.</returns>
    /// <exception cref="FileNotFoundException">A file of the folder is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// The folder does not fit the model, or is damaged, or uses a feature that would change the output and is not
    /// supported; all missing and unexpected names are listed.
    /// </exception>
    public static AdapterSet Read(string folder, nn.Module model)
    {
        Check.NotBlank(folder);
        Check.NotNull(model);
        var config = PeftConfig.Read(Path.Combine(folder, PeftConfig.FileName));
        var path = Path.Combine(folder, WeightsName);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file. Save the adapter with safetensors.", path);
        }

        using var tensors = TensorMap.Load(path);
        var plan = PeftPlan.Of(path, config, tensors, model);
        var deep = AdapterSideFile.Read(folder, plan.Layers);
        var adapters = deep?.Adapters ?? [.. plan.Layers.Select(layer => Load(path, layer, config, tensors))];
        var set = AdapterSet.Attach(model, deep?.Options ?? config.OptionsFor(""), adapters, plan.Heads);
        try
        {
            if (deep is not null)
            {
                RequireSame(folder, adapters, tensors);
            }

            LoadHeads(set, tensors);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    private static Tensor Pad(Tensor factor, int rank, int dimension)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        long[] shape = [.. factor.shape];
        shape[dimension] = rank - shape[dimension];
        return cat([factor, zeros(shape, factor.dtype, factor.device)], dimension).MoveToOuterDisposeScope();
    }

    private static Lora Load(string path, AdaptedLayer layer, PeftConfig config, TensorMap tensors)
    {
        var names = PeftNames.Of(layer);
        var (a, b) = (tensors[PeftNames.Prefix + names.A], tensors[PeftNames.Prefix + names.B]);
        var options = config.OptionsFor(layer.Path) with { Rank = (int)a.shape[0] };
        var wanted = config.OptionsFor(layer.Path).Rank;
        return options.Rank == wanted && b.shape[1] == wanted
            ? new Lora(layer, options, AdapterStart.InputSide(layer, a), AdapterStart.Place(layer, b))
            : throw new InvalidDataException(
                $"{path}: {layer.Path}: got rank {a.shape[0]} and {b.shape[1]}; wanted {wanted}, "
                    + $"as {PeftConfig.FileName} says.");
    }

    // The side file must tell of the very adapters in the weights file, not of older ones.
    private static void RequireSame(string folder, IReadOnlyList<Adapter> adapters, TensorMap tensors)
    {
        foreach (var adapter in adapters)
        {
            using var scope = NewDisposeScope();
            using var lora = adapter.ToLora();
            var names = PeftNames.Of(adapter.Layer);
            var stored = tensors[PeftNames.Prefix + names.B].narrow(1, 0, adapter.Rank);
            var same = tensors[PeftNames.Prefix + names.A].narrow(0, 0, adapter.Rank).Equals(lora.A.cpu())
                && stored.allclose(lora.B.cpu(), rtol: 1e-4, atol: 1e-7);
            if (!same)
            {
                throw new InvalidDataException(
                    $"{folder}: {adapter.Layer.Path}: the deep factors and {WeightsName} differ; "
                        + "wanted files of one run. Delete the side files to go on with the plain LoRA weights.");
            }
        }
    }

    private static void LoadHeads(AdapterSet set, TensorMap tensors)
    {
        using var gradients = no_grad();
        foreach (var (name, parameter) in TrainedHead.ParametersIn(set.Model, set.HeadPaths))
        {
            parameter.copy_(tensors[PeftNames.Prefix + name]);
        }
    }
}
