using System.Globalization;
using LowRank.Adapters;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Weights;

namespace LowRank.Cli.Commands;

/// <summary>The updates of an adapter's layers, compared with their weights and their start where these are at hand.</summary>
/// <param name="Layers">One entry per layer.</param>
/// <param name="Unknown">Why there is no comparison with the weights; null when there is one.</param>
/// <param name="HasLengths">Whether the layers have trained lengths beside their factors (DoRA).</param>
internal sealed record InspectUpdates(IReadOnlyList<LayerSpectrum> Layers, string? Unknown, bool HasLengths)
{
    private const int MostValues = 3;

    /// <summary>The adapter of a run; nothing when the run has not ended, or holds no adapter.</summary>
    public static InspectUpdates OfRun(RunFolder run) => File.Exists(Path.Combine(run.AdapterFolder, InspectAdapter.ConfigName))
        ? Of(run.AdapterFolder, run.ReadOptions().ModelFolder, run.StartFile)
        : new([], null, HasLengths: false);

    /// <summary>An adapter's folder.</summary>
    public static InspectUpdates Of(string folder, string? modelFolder, string? startFile)
    {
        using var source = InspectAdapter.Open(folder);
        using var tensors = Factors(source);
        var lengths = source.Entries.Any(entry => entry.Name.Contains("lora_magnitude_vector", StringComparison.Ordinal));
        var (model, unknown) = Model(modelFolder);
        using (model)
        {
            using var start = File.Exists(startFile) ? TensorMap.Load(startFile) : null;
            return new(AdapterSpectrum.Of(tensors, Path.Combine(folder, InspectAdapter.ConfigName), model, start), unknown, lengths);
        }
    }

    /// <summary>Whether a tensor of an adapter's file is one of the factors.</summary>
    public static bool IsFactor(string name) =>
        (name.Contains(".lora_A.", StringComparison.Ordinal) || name.Contains(".lora_B.", StringComparison.Ordinal)
            || name.Contains(".lora_embedding_", StringComparison.Ordinal))
        && !name.EndsWith(".bias", StringComparison.Ordinal);

    /// <summary>Adds what must be known to read the table.</summary>
    public void Describe(Dictionary<string, string> facts)
    {
        if (Layers.Count > 0 && Unknown is not null)
        {
            facts["weights"] = $"not compared: {Unknown}";
        }

        if (HasLengths)
        {
            facts["updates"] = "of DoRA the direction's part: factors without the trained lengths";
        }
    }

    /// <summary>A table with only the columns that are known; none without layers.</summary>
    public IEnumerable<InspectionTable> Tables()
    {
        if (Layers.Count == 0)
        {
            return [];
        }

        List<(string Heading, Func<LayerSpectrum, string> Cell)> columns =
        [
            ("layer", layer => layer.Path),
            ("update", layer => $"{layer.Inputs} -> {layer.Outputs}"),
            ("width", layer => Text(layer.Rank)),
            ("effective rank", layer => Text(layer.EffectiveRank, "0.0")),
            ("above 1 %", layer => Text(layer.NumericalRank)),
            ("paper's rank", layer => Text(layer.PaperRank)),
            ("singular values", layer => string.Join(' ', layer.SingularValues.Take(MostValues).Select(value => Text(value, "G2")))),
            ("norm", layer => Text(layer.Norm, "G3")),
        ];
        if (Layers.Any(layer => layer.RelativeNorm is not null))
        {
            columns.Add(("/ weight", layer => layer.RelativeNorm is { } share ? Text(share, "0.00 %") : "-"));
        }

        if (Layers.Any(layer => layer.InputAlignment.Count + layer.OutputAlignment.Count > 0))
        {
            columns.Add(("start, input", layer => Range(layer.InputAlignment)));
            columns.Add(("start, output", layer => Range(layer.OutputAlignment)));
        }

        return
        [
            new(
                [.. columns.Select(column => column.Heading)],
                [.. Layers.Select(layer => (string[])[.. columns.Select(column => column.Cell(layer))])],
                LeftAligned: 2),
        ];
    }

    private static TensorMap Factors(TensorSource source)
    {
        var tensors = new TensorMap();
        foreach (var entry in source.Entries.Where(entry => IsFactor(entry.Name)))
        {
            tensors.Add(entry.Name, source.Read(entry.Name));
        }

        return tensors;
    }

    // What an adapter is worth without its model can still be told.
    private static (SequenceClassifier? Model, string? Unknown) Model(string? folder)
    {
        if (folder is null || !Directory.Exists(folder))
        {
            return (null, $"the base model {folder} is not at hand");
        }

        try
        {
            return (Pretrained.SequenceClassifier(folder, default).Model, null);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return (null, e.Message);
        }
    }

    private static string Range(IReadOnlyList<double> cosines) =>
        cosines.Count == 0 ? "-" : $"{Text(cosines[0], "0.00")} to {Text(cosines[^1], "0.00")}";

    private static string Text(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
