using System.Globalization;
using System.Text;
using LowRank.Experiments.Reports;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction;

/// <summary>What came out, in words and tables.</summary>
public static class ReproductionText
{
    /// <summary>All targets: what they show, what they cost, what they need.</summary>
    /// <returns>The table.</returns>
    public static ReportTable Catalogue() => new(
        "Targets",
        ["id", "shows", "full", "quick", "needs"],
        [
            .. TargetCatalogue.All.Select(target => (IReadOnlyList<string>)
            [
                target.Id, target.Shows, CostOf(target, ReproductionScale.Full), TimeOf(target.Cells(new() { Scale = ReproductionScale.Quick })), target.Needs,
            ]),
        ],
        LeftAligned: 5);

    /// <summary>Our numbers beside the expected ones.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <returns>The table.</returns>
    public static ReportTable Findings(TargetOutcome outcome) => new(
        "Ours and expected",
        ["quantity", "ours", "expected", "band", "verdict", "source of the expectation"],
        [
            .. Check.NotNull(outcome).Findings.Select(finding => (IReadOnlyList<string>)
            [
                finding.Name,
                finding.Note.Length > 0 ? $"{finding.OursText}; {finding.Note}" : finding.OursText,
                finding.ExpectedText,
                finding.BandText,
                Words(finding.Verdict),
                finding.Expected?.Source ?? "",
            ]),
        ],
        LeftAligned: 6);

    /// <summary>All outcomes: how many numbers of each target are within their bands, and of how many runs.</summary>
    /// <param name="outcomes">The targets with their runs and what they say.</param>
    /// <returns>The table, a row for each target.</returns>
    public static ReportTable Overview(
        IReadOnlyList<(ReproductionFolder Folder, IReadOnlyList<CellRecord> Records, TargetOutcome Outcome)> outcomes) => new(
        "All targets",
        ["target", "within the band", "outside", "not made yet", "without a band", "runs made", "runs that belong to it"],
        [
            .. Check.NotNull(outcomes).Select(one => (IReadOnlyList<string>)
            [
                NameOf(one.Folder),
                .. new[] { Verdict.Within, Verdict.Outside, Verdict.Missing, Verdict.None }
                    .Select(verdict => Whole(one.Outcome.Findings.Count(finding => finding.Verdict == verdict))),
                Whole(one.Records.Count(record => record.Result.Complete)),
                Whole(one.Folder.Target.Cells(one.Folder.Options).Count),
            ]),
        ]);

    /// <summary>The outcome in a sentence.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <returns>How many numbers are within their bands, outside, and not made yet.</returns>
    public static string Summary(TargetOutcome outcome)
    {
        var counts = Check.NotNull(outcome).Findings.CountBy(finding => finding.Verdict).ToDictionary();
        int Of(Verdict verdict) => counts.GetValueOrDefault(verdict);
        var parts = new[]
        {
            (Of(Verdict.Within), "within the band"), (Of(Verdict.Outside), "outside"),
            (Of(Verdict.Missing), "not made yet"), (Of(Verdict.None), "without a band"),
        };
        return string.Join(", ", parts.Where(part => part.Item1 > 0)
            .Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Item1} {part.Item2}"))) + ".";
    }

    /// <summary>How and on what the runs were made.</summary>
    /// <param name="folder">The target's folder.</param>
    /// <param name="records">Its runs.</param>
    /// <returns>Sentences, one a line.</returns>
    public static IReadOnlyList<string> Conditions(ReproductionFolder folder, IReadOnlyList<CellRecord> records)
    {
        Check.NotNull(folder);
        var settings = folder.ReadSettings().AsObject().Where(pair => pair.Value is not null)
            .Select(pair => $"{pair.Key.Replace('_', ' ')} {pair.Value!.ToJsonString()}");
        var missing = folder.Target.Cells(folder.Options).Count(cell => !folder.Has(cell));
        return
        [
            $"Command: `{Command(folder, records)}`.",
            $"Settings: {string.Join(", ", settings)}.",
            .. records.Count == 0 ? [] : Machines(records),
            .. missing == 0 ? Array.Empty<string>()
                : [string.Create(CultureInfo.InvariantCulture, $"Unfinished: {missing} of the runs that belong to it are missing; the same command goes on.")],
            .. records.Where(record => !record.Result.Complete).Select(record => string.Create(
                CultureInfo.InvariantCulture,
                $"Looked at before its end: {string.Join(", ", record.Labels.Select(label => $"{label.Key} {label.Value}"))}, seed {record.Seed}.")),
        ];
    }

    /// <summary>A target's part of a report as Markdown.</summary>
    /// <param name="folder">The target's folder.</param>
    /// <param name="records">Its runs.</param>
    /// <param name="outcome">What they say.</param>
    /// <param name="picture">The picture's file, relative to the report; null without one.</param>
    /// <returns>The text.</returns>
    public static string ToMarkdown(
        ReproductionFolder folder, IReadOnlyList<CellRecord> records, TargetOutcome outcome, string? picture)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## {Title(folder)}\n\n{folder.Target.Shows} {Summary(outcome)}\n\n");
        text.Append(Findings(outcome).ToMarkdown());
        if (picture is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n![{folder.Target.Id}]({picture})\n\n{outcome.Caption}\n");
        }

        foreach (var table in outcome.Tables)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{table.Title}:\n\n{table.ToMarkdown()}");
        }

        text.Append('\n').AppendJoin('\n', outcome.Remarks.Concat(Conditions(folder, records)).Select(line => $"- {line}")).Append('\n');
        return text.ToString();
    }

    /// <summary>A heading.</summary>
    /// <param name="folder">The target's folder.</param>
    /// <returns>Id, place in the paper, model, scale.</returns>
    public static string Title(ReproductionFolder folder) =>
        $"{Check.NotNull(folder).Target.Id}: {folder.Target.Place}{ModelOf(folder)}"
            + (folder.Scale == ReproductionScale.Full ? "" : ", at a smaller scale than the paper's");

    /// <summary>A verdict in words.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <returns>The words.</returns>
    public static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Within => "within",
        Verdict.Outside => "outside",
        Verdict.Missing => "missing",
        _ => "",
    };

    private static string NameOf(ReproductionFolder folder) =>
        $"{folder.Target.Id}{ModelOf(folder)}{(folder.Scale == ReproductionScale.Full ? "" : ", smaller")}"
            + (folder.Device is { } device ? $", {device}" : "");

    private static string ModelOf(ReproductionFolder folder) => folder.Language is { Model: var model } ? $", {model}" : "";

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Command(ReproductionFolder folder, IReadOnlyList<CellRecord> records)
    {
        var scale = folder.Scale == ReproductionScale.Full ? "" : $" --scale {folder.Scale.ToString().ToLowerInvariant()}";
        var seeds = records.Select(record => record.Seed).Distinct().Order().ToList();
        var threads = records.Select(record => record.Versions.Threads).Distinct().Order().ToList();
        var model = folder.Language is { } source
            ? $" --model {source.Model}{(source.Tasks is { } tasks ? $" --task {string.Join(',', tasks)} --data DIR" : "")}" : "";
        var device = folder.Device is { } word ? $" --device {word}" : "";
        return $"lowrank reproduce {folder.Target.Id}{scale}{model}{device} --seeds {string.Join(',', seeds)} --threads {string.Join(" or ", threads)}";
    }

    private static IEnumerable<string> Machines(IReadOnlyList<CellRecord> records)
    {
        foreach (var (machine, versions) in records
            .Select(record => ($"{record.Cost.Processors} processors of type {record.Cost.Processor}", record.Versions)).Distinct())
        {
            yield return $"Made on {machine}, {versions.System}, with LowRank {versions.LowRank}, TorchSharp {versions.TorchSharp}, {versions.DotNet}.";
        }

        var (wall, processor) = (records.Sum(record => record.Cost.Seconds), records.Sum(record => record.Cost.ProcessorSeconds));
        var busiest = records.Max(record => record.Cost.LoadBefore);
        var shared = busiest > 1 ? string.Create(
            CultureInfo.InvariantCulture, $" The machine was shared (load average up to {busiest:0.0} when a run began): trust processor seconds.") : "";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{records.Count} runs took {wall:#,0} s by the clock, {processor:#,0} s of processor time.{shared}");
    }

    private static string CostOf(Target target, ReproductionScale scale)
    {
        var cells = target.Cells(new() { Scale = scale });
        return string.Create(CultureInfo.InvariantCulture, $"{cells.Count} runs, {TimeOf(cells)}");
    }

    private static string TimeOf(IReadOnlyList<Cell> cells)
    {
        var seconds = cells.Sum(cell => cell.Seconds);
        return seconds < 90 ? FormattableString.Invariant($"{Math.Max(1, seconds):0} s")
            : seconds < 5400 ? FormattableString.Invariant($"{seconds / 60:0} min")
            : FormattableString.Invariant($"{seconds / 3600:0.0} h");
    }
}
