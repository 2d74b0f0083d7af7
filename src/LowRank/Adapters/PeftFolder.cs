using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// Adapter folders in the format of Hugging Face PEFT, which vLLM, llama.cpp and others read too.
/// </summary>
/// <remarks>
/// Written in the one form all readers agree on: a single rank (smaller ones padded with zeros), <c>lora_alpha = r</c>,
/// every scale folded into B, full module paths as targets. Deep LoRA leaves as exact plain LoRA (A its first factor, B
/// the product of the rest), and its own factors go beside, so that training can go on. DoRA keeps its magnitudes, a
/// trained head or bias its values.
/// </remarks>
public static class PeftFolder
{
    /// <summary>The name of the weights file.</summary>
    public const string WeightsName = "adapter_model.safetensors";

    /// <summary>Writes a set of adapters and its heads.</summary>
    /// <param name="folder">The target folder; made when missing, its adapter files replaced.</param>
    /// <param name="set">The adapters, not merged.</param>
    /// <param name="options">What to say about the base model and how to write; the defaults when null.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// The set is merged or disabled, or has no adapter's form (full fine-tuning; DoRA written compactly).
    /// </exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static PeftReport Write(string folder, AdapterSet set, PeftOptions? options = null)
    {
        Check.NotBlank(folder);
        Check.NotNull(set);
        options ??= new PeftOptions();
        options.Validate();
        if (set.IsMerged || !set.Enabled)
        {
            throw new InvalidOperationException("The adapters are merged or disabled; their own state is written.");
        }

        if (set.Options is FullOptions)
        {
            throw new InvalidOperationException(
                "Every parameter is trained, which no adapter file can hold; write the model itself.");
        }

        string[] heads = [.. set.HeadPaths.Union(TrainedParameter.Find(set.Model, options.Heads))];
        using var layers = options.Tolerance is { } tolerance
            ? PeftLayers.Compact(set, tolerance)
            : PeftLayers.Uniform(set);
        using var tensors = new TensorMap();
        tensors.Metadata["format"] = "pt";
        var type = options.Dtype.ToScalarType();
        layers.AddTo(tensors, type);
        using var gradients = no_grad();
        foreach (var (name, parameter) in TrainedParameter.ParametersIn(set.Model, heads))
        {
            tensors.Add(PeftNames.Prefix + name, parameter.to(type, copy: true));
        }

        foreach (var name in set.TrainedInFull)
        {
            tensors.Add(PeftBiases.Key(name, layers.Paths), set.Model.get_parameter(name)!.to(type, copy: true));
        }

        tensors.Save(Path.Combine(folder, WeightsName));
        AdapterSideFile.Write(folder, set, options.WritesFactors);
        PeftConfig.Write(Path.Combine(folder, PeftConfig.FileName), set, layers, heads, options);
        return new PeftReport(layers.Ranks());
    }

    /// <summary>The options that <see cref="Read"/> gives a set, without the model.</summary>
    /// <param name="folder">A folder written by <see cref="Write"/> or by PEFT.</param>
    /// <returns>Deep LoRA's where its factors lie beside, LoRA's otherwise; head-only where no layer is adapted.</returns>
    /// <exception cref="FileNotFoundException">A file of the folder is missing.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or of another kind of adapter.</exception>
    public static AdapterOptions ReadOptions(string folder)
    {
        var config = PeftConfig.Read(Path.Combine(Check.NotBlank(folder), PeftConfig.FileName));
        return config.HeadOnly ? new HeadOnlyOptions()
            : AdapterSideFile.ReadOptions(folder) ?? (AdapterOptions)config.OptionsFor("");
    }

    /// <summary>The model that an adapter says it belongs to.</summary>
    /// <param name="folder">A folder written by <see cref="Write"/> or by PEFT.</param>
    /// <returns>The model's name and revision, as far as the folder says.</returns>
    /// <exception cref="FileNotFoundException">The configuration is missing.</exception>
    /// <exception cref="InvalidDataException">The configuration is malformed.</exception>
    public static PeftBase ReadBase(string folder) =>
        PeftConfig.Read(Path.Combine(Check.NotBlank(folder), PeftConfig.FileName)).Base;

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
            throw new FileNotFoundException(
                $"{path}: no such file. An {Path.GetFileNameWithoutExtension(WeightsName)}.bin is read by "
                    + "'lowrank import', which converts it.",
                path);
        }

        using var tensors = TensorMap.Load(path);
        var plan = PeftPlan.Of(path, config, tensors, model);
        var own = AdapterSideFile.Read(folder, plan.Layers);
        var adapters = own?.Adapters ?? [.. plan.Layers.Select(layer => Load(path, layer, config, tensors))];
        AdapterOptions options = own is not null ? own.Value.Options
            : adapters.Count == 0 ? new HeadOnlyOptions()
            : config.OptionsFor("");
        string[] inFull =
        [
            .. plan.Biases.Keys.Union(config.LoraBias ? plan.Layers.Select(layer => BiasOf(path, layer)) : []),
        ];
        var set = AdapterSet.Attach(model, options, adapters, plan.Heads, inFull);
        try
        {
            if (own is not null)
            {
                RequireSame(folder, adapters, tensors);
            }

            LoadInFull(set, plan, config, tensors);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    private static Adapter Load(string path, AdaptedLayer layer, PeftConfig config, TensorMap tensors)
    {
        var names = PeftNames.Of(layer);
        var (a, b) = (tensors[PeftNames.Prefix + names.A], tensors[PeftNames.Prefix + names.B]);
        var options = config.OptionsFor(layer.Path);
        if (a.shape[0] != options.Rank || b.shape[1] != options.Rank)
        {
            throw new InvalidDataException(
                $"{path}: {layer.Path}: got rank {a.shape[0]} and {b.shape[1]}; wanted {options.Rank}, "
                    + $"as {PeftConfig.FileName} says.");
        }

        if (options.UseDora && layer.IsEmbedding)
        {
            throw new InvalidDataException(
                $"{path}: {layer.Path}: got DoRA on an embedding, which is not supported; wanted it on linear layers.");
        }

        List<Tensor> factors = [AdapterStart.InputSide(layer, a), AdapterStart.Place(layer, b)];
        if (options.UseDora)
        {
            factors.Add(AdapterStart.Place(layer, tensors[PeftNames.Prefix + PeftNames.MagnitudeOf(layer)]));
        }

        return options.Restore(layer, factors);
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

    private static void LoadInFull(AdapterSet set, PeftPlan plan, PeftConfig config, TensorMap tensors)
    {
        using var gradients = no_grad();
        foreach (var (name, parameter) in TrainedParameter.ParametersIn(set.Model, set.HeadPaths))
        {
            parameter.copy_(tensors[PeftNames.Prefix + name]);
        }

        foreach (var (name, key) in plan.Biases)
        {
            set.Model.get_parameter(name)!.copy_(tensors[key]);
        }

        // A bias of B's own adds to every output of its layer: so does the layer's bias.
        foreach (var layer in config.LoraBias ? plan.Layers : [])
        {
            using var scope = NewDisposeScope();
            var added = tensors[PeftNames.Prefix + PeftNames.BiasOf(layer)] * config.OptionsFor(layer.Path).Scale;
            set.Model.get_parameter(PeftBiases.OfLayer(layer.Path))!.add_(added);
        }
    }

    private static string BiasOf(string path, AdaptedLayer layer) =>
        layer.Module.get_parameter("bias") is Parameter
            ? PeftBiases.OfLayer(layer.Path)
            : throw new InvalidDataException(
                $"{path}: {layer.Path}: got lora_bias, but the layer has no bias that could take it up; "
                    + "merge the adapter with PEFT first.");
}
