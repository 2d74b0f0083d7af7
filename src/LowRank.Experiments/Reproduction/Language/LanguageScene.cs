using System.Collections.ObjectModel;
using LowRank.FineTuning.Samples;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>The model and the tasks of a target's runs.</summary>
internal sealed record LanguageScene
{
    private const string BuiltInBert = "mini-bert";
    private const string BuiltInT5 = "mini-t5";

    /// <summary>What the model is called.</summary>
    public required string Model { get; init; }

    /// <summary>Whether it is the one that the program comes with.</summary>
    public required bool IsBuiltIn { get; init; }

    /// <summary>The tasks.</summary>
    public required IReadOnlyList<LanguageTask> Tasks { get; init; }

    /// <summary>How large the reproduction is.</summary>
    public required ReproductionScale Scale { get; init; }

    /// <summary>Where the model's files are; null where only a report is made.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether the model and the tasks are the paper's, so that its numbers are what should come out.</summary>
    public bool IsThePapers => Scale == ReproductionScale.Full
        && Model.Split('/')[^1] is "bert-base-cased" or "t5-base" && Tasks.All(task => !LanguageTask.SampleNames.Contains(task.Name));

    /// <summary>What a target's runs learn with.</summary>
    /// <param name="options">What the user chose.</param>
    /// <param name="sampleTasks">The target's tasks of the sample world.</param>
    /// <param name="paperTasks">The target's tasks in the paper: those of a model that the user names.</param>
    /// <param name="writes">Whether the target is about models that write texts.</param>
    public static LanguageScene Of(
        ReproductionOptions options, IReadOnlyList<string> sampleTasks, IReadOnlyList<string> paperTasks, bool writes)
    {
        var source = options.Language;
        var builtIn = writes ? BuiltInT5 : BuiltInBert;
        var names = source?.Tasks ?? (source is null || source.Model == builtIn ? sampleTasks : paperTasks);
        var tasks = names.Select(name => LanguageTask.Find(name, source?.Files ?? ReadOnlyDictionary<string, TaskFiles>.Empty, options.Scale)).ToList();
        if (tasks.Find(task => task.WritesTexts != writes) is { } other)
        {
            throw new ArgumentException(
                $"task: got '{other.Name}'; wanted a task whose answer is {(writes ? "a text" : "a label or a number")} for this target.");
        }

        return new()
        {
            Model = source?.Model ?? builtIn,
            IsBuiltIn = source is null || source.Model == builtIn,
            Folder = source is null ? BuiltInModel.Find(builtIn) : source.Folder ?? BuiltInModel.Find(source.Model),
            Tasks = tasks,
            Scale = options.Scale,
        };
    }

    /// <summary>Where the model's files are.</summary>
    /// <exception cref="FileNotFoundException">They are not there.</exception>
    public string RequireFolder() => Folder ?? throw new FileNotFoundException(
        $"{Model}: the model is not there; wanted a folder, the id of a model on the Hub, or the built-in {BuiltInBert} or {BuiltInT5}.");
}
