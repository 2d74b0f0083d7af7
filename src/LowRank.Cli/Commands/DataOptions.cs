using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>The options that say which rows are learned before, and what is text and label in them.</summary>
internal sealed class DataOptions
{
    private readonly Option<string?> _task = new("--task")
    {
        Description = $"A task that knows its columns, classes and metric: {string.Join(", ", GlueTask.All)}. Without a file, one of GLUE is fetched from the Hub.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _text = new("--text", "--text-column", "--source")
    {
        Description = "The column of the text, or source. [default: guessed, and said so]",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> _pair = new("--text-pair", "--text-pair-column")
    {
        Description = "The column of the second text.",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> _label = new("--label", "--label-column", "--target")
    {
        Description = "The column of the label, or of the target text that a T5 learns to write. [default: guessed, and said so]",
        HelpName = "COLUMN",
    };

    private readonly Option<string?> _kind = new("--label-kind")
    {
        Description = "Whether labels are classes or numbers. [default: by how they are written]",
        HelpName = "classes|numbers",
    };

    private readonly Option<bool> _noHeader = new("--no-header")
    {
        Description = "The first line of a CSV or TSV file is a row; columns are called 1, 2 and so on.",
    };

    private readonly Option<bool> _quoted = new("--quoted-tsv")
    {
        Description = "Quotes in a TSV file mean what they mean in a CSV file.",
    };

    private readonly Option<string?> _validation = new("--validation-file")
    {
        Description = "Rows that decide which weights are best; the same columns.",
        HelpName = "FILE",
    };

    private readonly Option<double?> _share = new("--validation-share")
    {
        Description = "Without such a file: the share of rows set aside for that. [default: 0.2]",
        HelpName = "SHARE",
    };

    private readonly Option<int?> _fewShot = CommonOptions.Whole(
        "--few-shot", "Learn from at most N rows of each class, drawn by the seed.");

    private readonly Option<int?> _samples = CommonOptions.Whole(
        "--samples", "Learn from at most N rows, drawn by the seed.");

    public void AddTo(Command command)
    {
        AddFilesTo(command);
        command.Add(_fewShot);
        command.Add(_samples);
    }

    /// <summary>All but how many rows: for a command that has its own say in it.</summary>
    public void AddFilesTo(Command command)
    {
        _kind.AcceptOnlyFromAmong("classes", "numbers");
        foreach (var option in new Option[] { _task, _text, _pair, _label, _kind, _validation, _share, _noHeader, _quoted })
        {
            command.Add(option);
        }
    }

    /// <summary>Only what says how a file is read: for files that are not learned before.</summary>
    public void AddReadingTo(Command command)
    {
        foreach (var option in new Option[] { _text, _pair, _label, _noHeader, _quoted })
        {
            command.Add(option);
        }
    }

    /// <summary>What the command line says, over what a configuration said; a task's files are fetched.</summary>
    public async Task<FineTuneData> ReadAsync(
        ParseResult parsed, string? file, FineTuneData? before, Screen screen, CancellationToken stop)
    {
        var task = (parsed.GetValue(_task) ?? before?.Task) is { } name ? GlueTask.Find(name) : null;
        var files = file is not null ? DataFiles.Find(file, task?.Name)
            : before is not null && parsed.GetValue(_task) is null ? new(before.TrainingFile, before.ValidationFile)
            : task is not null ? await DataFiles.FetchAsync(task, screen, stop).ConfigureAwait(false)
            : throw new UsageException(
                "There is nothing to learn from: name a FILE with a text and a label in each row, or a GLUE task with --task.");
        var data = before ?? new() { TrainingFile = files.Training };
        return ReadColumns(parsed, data) with
        {
            TrainingFile = files.Training,
            ValidationFile = parsed.GetValue(_validation) is { } validation ? Path.GetFullPath(validation)
                : files.Validation ?? (files.Training == data.TrainingFile ? data.ValidationFile : null),
            ValidationShare = parsed.GetValue(_share) ?? data.ValidationShare,
            Task = task?.Name,
            Kind = parsed.GetValue(_kind) switch
            {
                "classes" => LabelKind.Classes,
                "numbers" => LabelKind.Numbers,
                _ => data.Kind,
            },
            FewShot = parsed.GetValue(_fewShot) ?? data.FewShot,
            Samples = parsed.GetValue(_samples) ?? data.Samples,
        };
    }

    /// <summary>The columns that the command line says, over those that were said before.</summary>
    public FineTuneData ReadColumns(ParseResult parsed, FineTuneData data)
    {
        var (text, pair) = (parsed.GetValue(_text), parsed.GetValue(_pair));
        return data with
        {
            TextColumn = text ?? data.TextColumn,
            TextPairColumn = pair ?? (text is null ? data.TextPairColumn : null),
            LabelColumn = parsed.GetValue(_label) ?? data.LabelColumn,
            HasHeader = !parsed.GetValue(_noHeader) && data.HasHeader,
            QuotedTsv = parsed.GetValue(_quoted) || data.QuotedTsv,
        };
    }

    /// <summary>Refuses what does not go together.</summary>
    public void Validate(ParseResult parsed)
    {
        if (parsed.GetValue(_validation) is not null && parsed.GetValue(_share) is not null)
        {
            throw new UsageException("--validation-file and --validation-share exclude each other: give one of them.");
        }

        if (parsed.GetValue(_fewShot) is not null && parsed.GetValue(_samples) is not null)
        {
            throw new UsageException("--few-shot and --samples exclude each other: give one of them.");
        }
    }
}
