using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Reproduction;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Samples;

namespace LowRank.Cli.Commands;

/// <summary>The options of <c>lowrank reproduce</c> for the targets that fine-tune a model.</summary>
internal sealed class LanguageOptions
{
    private static readonly string[] SampleTasks = ["similarity", "intent", "entailment", "facts"];

    private readonly Option<string?> _model = CommonOptions.Word(
        "--model", "Fine-tuning: a folder, the id of a model on the Hub, or a built-in one. [default: mini-bert or mini-t5]", "MODEL");

    private readonly Option<string?> _task = CommonOptions.Word(
        "--task",
        "Fine-tuning: tasks with commas, of GLUE (stsb, cola, ...), e2e, or of the sample world (similarity, intent, entailment, facts). "
            + "[default: the target's: the sample world's, with a --model of yours the paper's]",
        "LIST");

    private readonly Option<string?> _data = CommonOptions.Word(
        "--data", "Fine-tuning: the task's folder with train and validation files, or one with a folder per task. [default: GLUE from the Hub]", "DIR");

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "Fine-tuning: paper: as the paper's code. fair: tuned rates, trained head, kept best step. both: side by side.",
        DefaultValueFactory = _ => "both",
        HelpName = "paper|fair|both",
    };

    public void AddTo(Command command)
    {
        _protocol.AcceptOnlyFromAmong("paper", "fair", "both");
        command.Add(_model);
        command.Add(_task);
        command.Add(_data);
        command.Add(_protocol);
    }

    /// <summary>The protocols asked for.</summary>
    public IReadOnlyList<Protocol> Protocols(ParseResult parsed) => parsed.GetValue(_protocol) switch
    {
        "paper" => [Protocol.Paper],
        "fair" => [Protocol.Fair],
        _ => [Protocol.Paper, Protocol.Fair],
    };

    /// <summary>Finds the model and the tasks' files; what the cache lacks is downloaded, with progress.</summary>
    /// <returns>Null where the user chose nothing.</returns>
    public async Task<LanguageSource?> ReadAsync(ParseResult parsed, IReadOnlyList<Target> targets, Screen screen, CancellationToken stop)
    {
        var (model, task, data) = (parsed.GetValue(_model), parsed.GetValue(_task), parsed.GetValue(_data));
        if (model is null && task is null && data is null)
        {
            return null;
        }

        if (targets.FirstOrDefault(target => target.PaperTasks.Count == 0) is { } other)
        {
            throw new UsageException($"--model, --task, --data: {other.Id} is about matrices and fine-tunes nothing; leave them out.");
        }

        model ??= targets.All(target => target.PaperTasks.Contains("e2e")) ? "mini-t5" : "mini-bert";
        var place = await ModelPlace.LocateAsync(model, null, screen, stop).ConfigureAwait(false);
        var tasks = task?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var wanted = (tasks ?? (BuiltInModel.Find(model) is null ? targets.SelectMany(target => target.PaperTasks) : []))
            .Distinct().Except(SampleTasks).ToList();
        if (data is not null && wanted.Count == 0)
        {
            throw new UsageException($"--data: got {data} for tasks of the sample world, which have no files; name others with --task, such as stsb.");
        }

        Dictionary<string, TaskFiles> files = [];
        foreach (var name in wanted)
        {
            var known = GlueTask.Find(name);
            var found = data is null
                ? await DataFiles.FetchAsync(known, screen, stop).ConfigureAwait(false)
                : DataFiles.Find(data, known.Name);
            files[known.Name] = new(found.Training, found.Validation ?? throw new UsageException(
                $"--data: {data} has no validation or dev file for {known.Name}; wanted one, whose rows judge."));
        }

        return new()
        {
            Model = place.Name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(place.Folder)),
            Folder = place.Folder,
            Tasks = tasks,
            Files = files,
        };
    }
}
