using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace LowRank.Experiments.Reproduction;

/// <summary>A model to fine-tune and the tasks to do it on.</summary>
public sealed record LanguageSource
{
    /// <summary>What the model is called: its id on the Hub, its folder's name, or that of a built-in one.</summary>
    public required string Model { get; init; }

    /// <summary>Where its files are, in the Hugging Face layout.</summary>
    /// <value>Default null: it is built in.</value>
    [JsonIgnore]
    public string? Folder { get; init; }

    /// <summary>The tasks: names of GLUE's or E2E, or of the sample world's.</summary>
    /// <value>Default null: the target's own.</value>
    public IReadOnlyList<string>? Tasks { get; init; }

    /// <summary>The files of the tasks that are not the sample world's, by name.</summary>
    /// <value>Default empty: all tasks are the sample world's.</value>
    [JsonIgnore]
    public IReadOnlyDictionary<string, TaskFiles> Files { get; init; } = ReadOnlyDictionary<string, TaskFiles>.Empty;
}
