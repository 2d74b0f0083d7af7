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

    /// <summary>Where the tasks' files are: a folder for each task by its name, or the one task's folder itself.</summary>
    /// <value>Default null: all tasks are the sample world's, which needs no files.</value>
    [JsonIgnore]
    public string? Data { get; init; }
}
