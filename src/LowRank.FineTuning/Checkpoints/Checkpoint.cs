using System.Text.Json;
using System.Text.Json.Serialization;
using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Checkpoints;

/// <summary>
/// One file from which a run goes on exactly: trained weights, the best weights so far, the optimizer, and the
/// progress.
/// </summary>
/// <remarks>
/// All randomness of a run is a pure function of its seed and the step, so no generator state needs saving. The file is
/// a safetensors file, replaced whole or not at all: whatever kills the process, the last complete one is there.
/// </remarks>
internal static class Checkpoint
{
    public const string FileName = "checkpoint.safetensors";

    private const string Weights = "weights/";
    private const string Best = "best/";

    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Writes a checkpoint.</summary>
    /// <exception cref="IOException">The file cannot be written; the previous one is untouched.</exception>
    public static void Save(
        string path,
        AdapterSet adapters,
        FlatAdamW optimizer,
        TensorMap best,
        TrainingProgress progress,
        RunIdentity identity)
    {
        using var state = Capture(adapters, Weights);
        using var gradients = no_grad();
        foreach (var (name, tensor) in best)
        {
            state.Add(Best + name, tensor.clone());
        }

        optimizer.Save(state);
        state.Metadata["progress"] = JsonSerializer.Serialize(progress, Json);
        state.Metadata["identity"] = identity.ToJson();
        state.Save(path);
    }

    /// <summary>Brings a run back to where a checkpoint left it.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of another run; what differs is listed.</exception>
    public static TrainingProgress Load(
        string path, AdapterSet adapters, FlatAdamW optimizer, TensorMap best, RunIdentity identity)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such checkpoint; start the run anew.", path);
        }

        using var state = TensorMap.Load(path);
        var progress = ReadProgress(path, state);
        identity.RequireSame(path, state.Metadata.TryGetValue("identity", out var saved) ? saved : "");
        RequireNames(path, adapters, state, progress.BestStep is not null);
        Apply(adapters, state, Weights);
        optimizer.Restore(state, progress.OptimizerSteps);
        foreach (var name in state.Names.Where(name => name.StartsWith(Best, StringComparison.Ordinal)).ToList())
        {
            best.Add(name[Best.Length..], state.Take(name));
        }

        return progress;
    }

    /// <summary>Copies of all trained tensors.</summary>
    public static TensorMap Capture(AdapterSet adapters, string prefix = "")
    {
        using var gradients = no_grad();
        var map = new TensorMap();
        foreach (var parameter in adapters.Saved())
        {
            map.Add(prefix + parameter.Name, parameter.Value.clone());
        }

        return map;
    }

    /// <summary>Copies tensors back into what is trained.</summary>
    public static void Apply(AdapterSet adapters, TensorMap map, string prefix = "")
    {
        using var gradients = no_grad();
        foreach (var parameter in adapters.Saved())
        {
            parameter.Value.copy_(map[prefix + parameter.Name]);
        }
    }

    private static TrainingProgress ReadProgress(string path, TensorMap state)
    {
        try
        {
            return JsonSerializer.Deserialize<TrainingProgress>(state.Metadata["progress"], Json)
                ?? throw new JsonException("it is empty.");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException)
        {
            throw new InvalidDataException(
                $"{path}: got no readable progress ({error.Message}); wanted a checkpoint.", error);
        }
    }

    private static void RequireNames(string path, AdapterSet adapters, TensorMap state, bool hasBest)
    {
        var missing = adapters.Saved()
            .SelectMany(parameter => hasBest
                ? new[] { Weights + parameter.Name, Best + parameter.Name }
                : [Weights + parameter.Name])
            .Where(name => !state.Contains(name))
            .ToList();
        if (missing.Count > 0)
        {
            throw new InvalidDataException($"{path}: missing ({missing.Count}): {string.Join(", ", missing)}.");
        }

        var shapes = adapters.Saved()
            .Where(parameter => !parameter.Value.shape.SequenceEqual(state[Weights + parameter.Name].shape))
            .Select(parameter => parameter.Name)
            .ToList();
        if (shapes.Count > 0)
        {
            throw new InvalidDataException(
                $"{path}: shapes differ from the model's for {string.Join(", ", shapes)}; "
                    + "wanted the run's own checkpoint.");
        }
    }
}
