using System.Text.Json.Serialization;
using LowRank.Adapters;

namespace LowRank.Cli.Commands;

/// <summary>What something holds: facts and tables.</summary>
/// <param name="Path">The file or folder.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Facts">Single values by name, in order.</param>
/// <param name="Tables">Lists.</param>
internal sealed record Inspection(
    string Path, string Kind, IReadOnlyDictionary<string, string> Facts, IReadOnlyList<InspectionTable> Tables)
{
    /// <summary>The updates of an adapter's layers, in full; null for anything else.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LayerSpectrum>? Layers { get; init; }
}
