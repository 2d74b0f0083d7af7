using System.Text.RegularExpressions;
using LowRank.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Looks into trained adapters: how large, how low-rank, and how far from its start each update is.</summary>
/// <remarks>
/// The update B·A is never formed: with B = Q·R and Aᵀ = P·T it has the singular values of the small R·Tᵀ. Costs
/// O((in + out) rank²) per layer.
/// </remarks>
public static partial class AdapterSpectrum
{
    // Directions of a starting factor below this share of its largest are rounding: a span of its own they are not.
    private const double SpanTolerance = 1e-5;

    // Factors are kept in float32: where B·A cancels out, what is left below this share of their norms is rounding.
    private const double Rounding = 1.2e-7;

    private static readonly (string A, string B)[] Pairs =
        [(".lora_A.weight", ".lora_B.weight"), (".lora_embedding_A", ".lora_embedding_B")];

    /// <summary>The spectra of adapters at work.</summary>
    /// <param name="set">The adapters, not merged.</param>
    /// <param name="start">What <see cref="WriteStart"/> kept; null when it is not known.</param>
    /// <returns>One entry per adapted layer, in the model's order; none for head-only and full fine-tuning.</returns>
    /// <exception cref="InvalidDataException">The start belongs to other adapters.</exception>
    public static IReadOnlyList<LayerSpectrum> Of(AdapterSet set, TensorMap? start = null)
    {
        Check.NotNull(set);
        using var tensors = PlainFactors(set);
        var paths = Layers(tensors).ToDictionary(layer => layer.Path, StringComparer.Ordinal);
        return [.. set.Adapters.Select(adapter => Of(paths[adapter.Layer.Path], tensors, 1, adapter.Layer.Weight, start))];
    }

    /// <summary>The spectra of an adapter folder in PEFT's format, with or without its base model.</summary>
    /// <param name="tensors">The tensors of the folder's weights file.</param>
    /// <param name="configPath">Its <c>adapter_config.json</c>.</param>
    /// <param name="model">The base model, to compare with; null when it is not at hand.</param>
    /// <param name="start">What <see cref="WriteStart"/> kept; null when it is not known.</param>
    /// <returns>One entry per adapted layer, by path, numbers by their value.</returns>
    /// <exception cref="FileNotFoundException">There is no such configuration.</exception>
    /// <exception cref="InvalidDataException">
    /// The configuration is malformed or not LoRA's, or factors are missing or do not fit each other or the start.
    /// </exception>
    public static IReadOnlyList<LayerSpectrum> Of(
        TensorMap tensors, string configPath, nn.Module? model = null, TensorMap? start = null)
    {
        Check.NotNull(tensors);
        var config = PeftConfig.Read(Check.NotBlank(configPath));
        return [.. Layers(tensors)
            .OrderBy(layer => Number().Replace(layer.Path, number => number.Value.PadLeft(6, '0')), StringComparer.Ordinal)
            .Select(layer => Of(
                layer, tensors, config.OptionsFor(layer.Path).Scale, model?.get_parameter($"{layer.Path}.weight"), start))];
    }

    /// <summary>Keeps where adapters start, as plain LoRA factors in float32, for a later look at how far they came.</summary>
    /// <param name="path">The file to write; none is written when there are no adapters.</param>
    /// <param name="set">The adapters, before their first step.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteStart(string path, AdapterSet set)
    {
        Check.NotBlank(path);
        if (Check.NotNull(set).Adapters.Count > 0)
        {
            using var tensors = PlainFactors(set);
            tensors.Save(path);
        }
    }

    private static TensorMap PlainFactors(AdapterSet set)
    {
        using var layers = PeftLayers.Uniform(set);
        var tensors = new TensorMap();
        layers.AddTo(tensors, ScalarType.Float32);
        return tensors;
    }

    private static IEnumerable<(string Path, string A, string B)> Layers(TensorMap tensors) =>
        tensors.Names.SelectMany(name => Pairs
            .Where(pair => name.EndsWith(pair.A, StringComparison.Ordinal))
            .Select(pair => (Stem: name[..^pair.A.Length], Pair: pair))
            .Select(found => (Plain(found.Stem), name, found.Stem + found.Pair.B)));

    private static string Plain(string name) =>
        name.StartsWith(PeftNames.Prefix, StringComparison.Ordinal) ? name[PeftNames.Prefix.Length..] : name;

    private static LayerSpectrum Of(
        (string Path, string A, string B) layer, TensorMap tensors, double scale, Tensor? weight, TensorMap? start)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var a = Factor(tensors, layer.A).t(); // [in, rank]
        var b = Factor(tensors, layer.B);
        Require(a.shape[1] == b.shape[1], layer.Path, "A and B have different ranks");
        var (output, upper) = linalg.qr(b);
        var (input, lower) = linalg.qr(a);
        var (u, values, vt) = linalg.svd(upper.mm(lower.t()) * scale, fullMatrices: false);
        var least = Rounding * scale * upper.norm().ToDouble() * lower.norm().ToDouble();
        var spectrum = new LayerSpectrum
        {
            Path = layer.Path,
            Inputs = a.shape[0],
            Outputs = b.shape[0],
            Rank = (int)a.shape[1],
            SingularValues = [.. Spectrum.Numbers(values).Select(value => value > least ? value : 0)],
            WeightNorm = weight?.to(ScalarType.Float64).norm().ToDouble(),
        };
        var leading = spectrum.LeadingDirections;
        if (start is null || leading == 0)
        {
            return spectrum;
        }

        return spectrum with
        {
            InputAlignment = Cosines(input.mm(vt.narrow(0, 0, leading).t()), Factor(start, layer.A).t(), layer.Path),
            OutputAlignment = Cosines(output.mm(u.narrow(1, 0, leading)), Factor(start, layer.B), layer.Path),
        };
    }

    private static Tensor Factor(TensorMap tensors, string name)
    {
        Require(tensors.Contains(name), name, "the factor is missing");
        var factor = tensors[name];
        Require(factor.dim() == 2, name, "the factor is no matrix");
        return factor.to(ScalarType.Float64, CPU);
    }

    private static double[] Cosines(Tensor directions, Tensor start, string path)
    {
        Require(directions.shape[0] == start.shape[0], path, "the start is of another layer's size");
        var (basis, triangle) = linalg.qr(start);
        var (u, values, _) = linalg.svd(triangle, fullMatrices: false);
        var rank = Spectrum.NumericalRank(Spectrum.Numbers(values), SpanTolerance);
        return rank == 0
            ? []
            : [.. Spectrum.PrincipalAngles(directions, basis.mm(u.narrow(1, 0, rank))).Select(Math.Cos)];
    }

    private static void Require(bool condition, string name, string fault)
    {
        if (!condition)
        {
            throw new InvalidDataException($"{name}: {fault}; wanted factors A [rank, in] and B [out, rank] of one adapter.");
        }
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Number();
}
