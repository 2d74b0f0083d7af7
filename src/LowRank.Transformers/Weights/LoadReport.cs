namespace LowRank.Transformers.Weights;

/// <summary>What a <see cref="WeightLoader"/> did with each tensor.</summary>
public sealed record LoadReport
{
    /// <summary>Where the weights came from.</summary>
    public required string Source { get; init; }

    /// <summary>Number of the module's tensors that were filled from the checkpoint.</summary>
    public required int Loaded { get; init; }

    /// <summary>The module's tensors that keep their initial values, such as a new head's.</summary>
    public required IReadOnlyList<string> NewlyInitialised { get; init; }

    /// <summary>Checkpoint tensors with no place in the module, left out by the family's rules.</summary>
    public required IReadOnlyList<string> Ignored { get; init; }

    /// <summary>Tensors that came under another name: name in the checkpoint, name in the module.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Renamed { get; init; }

    /// <summary>The module's tensors whose numbers were converted from another floating-point format.</summary>
    public required IReadOnlyList<string> Converted { get; init; }
}
