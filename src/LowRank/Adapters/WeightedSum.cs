using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>The weighted sum of several sets of adapters as one set of plain LoRA.</summary>
/// <remarks>The sets are disabled while it is attached: the model then holds the base values of what they train in full.</remarks>
internal sealed class WeightedSum
{
    private readonly IReadOnlyList<WeightedSet> _terms;
    private readonly AdapterCombination _combination;
    private readonly int? _rank;

    /// <exception cref="ArgumentException">The sets do not add up in this way; the message names one.</exception>
    internal WeightedSum(IReadOnlyList<WeightedSet> terms, AdapterCombination combination, int? rank)
    {
        (_terms, _combination, _rank) = (terms, combination, rank);
        Check.That(terms.Count > 0, "weights", "weights: got none; wanted at least one adapter and its weight.");
        Check.That(Enum.IsDefined(combination), nameof(combination), $"combination: got {combination}; wanted a defined value.");
        Check.AtLeast(rank ?? 1, 1, nameof(rank));
        Check.That(
            rank is null || combination == AdapterCombination.Svd,
            nameof(rank),
            $"rank: got {rank} with {combination}; wanted none, since only {nameof(AdapterCombination.Svd)} chooses it.");
        foreach (var term in terms)
        {
            RequireAddable(term);
        }

        RequireEqualHeads();
    }

    private double WeightSum => _terms.Sum(term => term.Weight);

    /// <summary>Attaches the sum to the model, enabled.</summary>
    internal AdapterSet Attach(nn.Module model)
    {
        var parts = _terms
            .SelectMany(term => term.Set.Adapters.Select(adapter => new Part(adapter, term)))
            .ToLookup(part => part.Adapter.Layer.Path, StringComparer.Ordinal);
        var adapters = AdaptedLayer.AllOf(model)
            .Where(layer => parts.Contains(layer.Path))
            .Select(layer => Sum(layer, [.. parts[layer.Path]]))
            .ToList();
        AdapterOptions options = adapters.Count == 0
            ? new HeadOnlyOptions()
            : new LoraOptions { Rank = adapters.Max(adapter => adapter.Rank) };
        var inFull = _terms.SelectMany(term => term.Set.TrainedInFull).Distinct();
        var set = AdapterSet.Attach(model, options, adapters, _terms[0].Set.HeadPaths, [.. inFull]);
        using var gradients = no_grad();
        foreach (var parameter in set.InFull)
        {
            Sum(parameter);
        }

        return set;
    }

    private static void RequireAddable(WeightedSet term)
    {
        Check.That(
            double.IsFinite(term.Weight), "weights", $"weights: {term.Name}: got {term.Weight}; wanted a finite number.");
        Check.That(
            term.Set.Options is not FullOptions,
            "weights",
            $"weights: got {term.Name}, in which every parameter is trained; wanted adapters of factors.");
        Check.That(
            !term.Set.Adapters.Any(adapter => adapter is Dora),
            "weights",
            $"weights: got {term.Name}, which is DoRA: lengths of rows do not add up; wanted adapters without magnitudes.");
        var broken = term.Set.Adapters.FirstOrDefault(adapter => adapter.Factors.Any(factor => !IsFinite(factor.Value)));
        Check.That(
            broken is null,
            "weights",
            $"weights: {term.Name}: {broken?.Layer.Path} has a NaN or infinite number; wanted finite ones.");
    }

    private static bool IsFinite(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.isfinite().all().ReadNumber<bool>();
    }

    private void RequireEqualHeads()
    {
        var first = _terms[0];
        var other = _terms.FirstOrDefault(term => !term.Set.HeadPaths.ToHashSet().SetEquals(first.Set.HeadPaths));
        Check.That(
            other is null,
            "weights",
            $"weights: {first.Name} trains {Heads(first)}, {other?.Name} trains {Heads(other)}; wanted adapters with the same heads.");
        Check.That(
            first.Set.HeadPaths.Count == 0 || WeightSum != 0,
            "weights",
            "weights: got a sum of 0; wanted another, since heads are averaged with weights that sum to 1.");
    }

    private static string Heads(WeightedSet? term) =>
        term?.Set.HeadPaths is { Count: > 0 } paths ? $"the head {string.Join(", ", paths)}" : "no head";

    private Lora Sum(AdaptedLayer layer, IReadOnlyList<Part> parts)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        using var sum = _combination switch
        {
            AdapterCombination.Linear => Linear(layer, parts),
            AdapterCombination.Svd => Cut(parts),
            _ => Joined(parts),
        };
        var options = new LoraOptions { Rank = (int)sum.A.shape[0] };
        return new Lora(layer, options, [AdapterStart.InputSide(layer, sum.A), AdapterStart.Place(layer, sum.B)]);
    }

    private static LoraFactors Joined(IReadOnlyList<Part> parts)
    {
        var factors = parts.Select(part => part.Adapter.ToLora()).ToList();
        return new LoraFactors(
            cat([.. factors.Select(factor => factor.A)], 0),
            cat([.. factors.Zip(parts, (factor, part) => factor.B * part.Term.Weight)], 1));
    }

    private LoraFactors Cut(IReadOnlyList<Part> parts)
    {
        var spectrum = UpdateSpectrum.Of(Joined(parts));
        return spectrum.Cut(Math.Min(_rank ?? parts.Max(part => part.Adapter.Rank), spectrum.Values.Length));
    }

    // As PEFT does: each side takes the root of weight times scale, one of them the sign. The scale is in B already.
    private static LoraFactors Linear(AdaptedLayer layer, IReadOnlyList<Part> parts)
    {
        var other = parts.FirstOrDefault(part => part.Adapter.Rank != parts[0].Adapter.Rank);
        Check.That(
            other is null,
            "weights",
            $"weights: {layer.Path}: {parts[0].Term.Name} has rank {parts[0].Adapter.Rank}, {other?.Term.Name} has rank "
                + $"{other?.Adapter.Rank}; wanted equal ranks for {nameof(AdapterCombination.Linear)}, or "
                + $"{nameof(AdapterCombination.Cat)} or {nameof(AdapterCombination.Svd)}.");
        var sides = parts.Select(part =>
        {
            var factors = part.Adapter.ToLora();
            var (weight, scale) = (part.Term.Weight, part.Adapter.Scale);
            var root = Math.Sqrt(Math.Abs(weight) * scale);
            return (A: factors.A * root, B: factors.B * (Math.Sign(weight) * root / scale));
        }).ToList();
        return new LoraFactors(
            sides.Select(side => side.A).Aggregate((sum, side) => sum + side),
            sides.Select(side => side.B).Aggregate((sum, side) => sum + side));
    }

    // From the base values: what a set leaves alone has them.
    private void Sum(TrainedParameter parameter)
    {
        var total = parameter.IsHead ? WeightSum : 1;
        var trained = _terms
            .SelectMany(term => term.Set.InFull, (term, entry) => (Entry: entry, Weight: term.Weight / total))
            .Where(pair => pair.Entry.Path == parameter.Path)
            .ToList();
        parameter.Parameter.mul_(1 - trained.Sum(pair => pair.Weight));
        foreach (var (entry, weight) in trained)
        {
            parameter.Parameter.add_(entry.Other, alpha: weight);
        }
    }

    private sealed record Part(Adapter Adapter, WeightedSet Term);
}
