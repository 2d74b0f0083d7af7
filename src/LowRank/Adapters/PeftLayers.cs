using System.Text.Json.Nodes;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>The adapted layers as PEFT's file holds them: plain factors of scale 1, of one rank or of several.</summary>
internal sealed class PeftLayers : IDisposable
{
    private readonly List<(AdaptedLayer Layer, LoraFactors Factors, Tensor? Magnitude)> _layers;

    private PeftLayers(List<(AdaptedLayer Layer, LoraFactors Factors, Tensor? Magnitude)> layers) => _layers = layers;

    internal int Count => _layers.Count;

    /// <summary>The one rank, or the largest.</summary>
    internal int Rank => _layers.Count == 0 ? 1 : _layers.Max(entry => RankOf(entry.Factors));

    internal IReadOnlyList<string> Paths => [.. _layers.Select(entry => entry.Layer.Path)];

    internal bool HasMagnitudes => _layers.Any(entry => entry.Magnitude is not null);

    /// <summary>Every layer at the set's largest rank, smaller ones padded with zeros: what every reader can read.</summary>
    internal static PeftLayers Uniform(AdapterSet set)
    {
        var rank = set.Adapters.Select(adapter => adapter.Rank).DefaultIfEmpty(1).Max();
        return new PeftLayers([.. set.Adapters.Select(adapter =>
        {
            using var factors = adapter.ToLora();
            var padded = new LoraFactors(Pad(factors.A, rank, dimension: 0), Pad(factors.B, rank, dimension: 1));
            return (adapter.Layer, padded, (adapter as Dora)?.Magnitude);
        })]);
    }

    /// <summary>Every layer at the rank its update really has, layers without any left out.</summary>
    internal static PeftLayers Compact(AdapterSet set, double tolerance)
    {
        if (set.Adapters.Any(adapter => adapter is Dora))
        {
            throw new InvalidOperationException(
                "DoRA cannot be written compactly: its magnitudes belong to the whole factors. Write it as it is.");
        }

        var compact = CompactRanks.Of(set.Adapters, tolerance);
        return new PeftLayers([.. set.Adapters.Zip(compact)
            .Where(pair => pair.Second is not null)
            .Select(pair => (pair.First.Layer, pair.Second!, (Tensor?)null))]);
    }

    internal void AddTo(TensorMap tensors, ScalarType type)
    {
        using var gradients = no_grad();
        foreach (var (layer, factors, magnitude) in _layers)
        {
            var (a, b) = PeftNames.Of(layer);
            tensors.Add(PeftNames.Prefix + a, factors.A.to(type, copy: true));
            tensors.Add(PeftNames.Prefix + b, factors.B.to(type, copy: true));
            if (magnitude is not null)
            {
                tensors.Add(PeftNames.Prefix + PeftNames.MagnitudeOf(layer), magnitude.to(type, copy: true));
            }
        }
    }

    /// <summary>Every layer's rank by its path.</summary>
    internal IReadOnlyDictionary<string, int> Ranks() =>
        _layers.ToDictionary(entry => entry.Layer.Path, entry => RankOf(entry.Factors));

    /// <summary>Ranks that differ from the largest, by layer; alpha has the same pattern, so that every scale is 1.</summary>
    internal JsonObject RankPattern() => new(_layers
        .Where(entry => RankOf(entry.Factors) != Rank)
        .Select(entry => KeyValuePair.Create(entry.Layer.Path, (JsonNode?)RankOf(entry.Factors))));

    public void Dispose() => _layers.ForEach(entry => entry.Factors.Dispose());

    private static int RankOf(LoraFactors factors) => (int)factors.A.shape[0];

    private static Tensor Pad(Tensor factor, int rank, int dimension)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        long[] shape = [.. factor.shape];
        shape[dimension] = rank - shape[dimension];
        return cat([factor, zeros(shape, factor.dtype, factor.device)], dimension).MoveToOuterDisposeScope();
    }
}
