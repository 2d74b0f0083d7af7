using System.Globalization;
using System.Text.Json.Serialization;
using LowRank.Adapters;
using LowRank.Experiments.Methods;

namespace LowRank.Experiments.Comparisons;

/// <summary>One fine-tuning run of a comparison: what sets it apart from the others.</summary>
/// <param name="Method">The method's name in the catalogue.</param>
/// <param name="Rank">The rank; 0 of a method without ranks.</param>
/// <param name="Samples">Training rows.</param>
/// <param name="LearningRate">The adapters' highest learning rate.</param>
/// <param name="Seed">Decides the rows, their order, the head and the adapters' start, the same for every method.</param>
public sealed record ComparisonCell(string Method, int Rank, int Samples, double LearningRate, long Seed)
{
    /// <summary>The name of its file.</summary>
    [JsonIgnore]
    public string FileName => string.Create(
        CultureInfo.InvariantCulture,
        $"{Method}_rank-{Rank}_rows-{Samples}_rate-{LearningRate:0.###############}_seed-{Seed}.json");

    /// <summary>Its adapter's options.</summary>
    internal AdapterOptions Adapter => MethodCatalogue.Find(Method).Create(Rank);

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Method}{(Rank > 0 ? $" rank {Rank}" : "")}, {Samples} rows, rate {LearningRate}, seed {Seed}");
}
