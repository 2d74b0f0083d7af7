using System.Globalization;
using LowRank.Experiments.Reports;
using LowRank.Experiments.Statistics;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Both protocols side by side, and what changes from one to the other.</summary>
/// <param name="view">The runs.</param>
/// <param name="methods">The methods, the baseline first.</param>
internal sealed class ProtocolTable(LanguageView view, IReadOnlyList<LanguageMethod> methods)
{
    private const string None = "-";

    /// <summary>A row for each setting and method.</summary>
    /// <returns>The table.</returns>
    public ReportTable Table() => new(
        "Both protocols: mean score with the 95 % confidence interval of Student's t, and the paired difference to LoRA on the same seeds",
        ["task", "rows", "rank", "method", .. LanguageView.Protocols.SelectMany(Headings)],
        [
            .. Settings().SelectMany(setting => methods
                .Where(method => LanguageView.Protocols.Any(protocol => Of(protocol, setting, method) is not null))
                .Select(method => (string[])
                [
                    setting.Task.Name, setting.Rows is { } rows ? Whole(rows) : "all", method.HasRank ? Whole(setting.Rank) : None, method.Label,
                    .. LanguageView.Protocols.SelectMany(protocol => Cells(protocol, setting, method)),
                ])),
        ],
        LeftAligned: 4);

    /// <summary>For each method but the baseline: in how many settings it is ahead, under each protocol.</summary>
    /// <returns>Sentences.</returns>
    public IEnumerable<string> Remarks()
    {
        foreach (var method in methods.Skip(1))
        {
            var counts = LanguageView.Protocols.Select(protocol => (protocol, Verdicts: Verdicts(protocol, method))).Where(one => one.Verdicts.Count > 0).ToList();
            if (counts.Count > 0)
            {
                yield return $"{method.Label} against LoRA: " + string.Join("; ", counts.Select(one =>
                    $"under {LanguageView.Words(one.protocol)} ahead in {one.Verdicts.Count(verdict => verdict > 0)} of {one.Verdicts.Count}, "
                    + $"behind in {one.Verdicts.Count(verdict => verdict < 0)}")) + ".";
            }
        }

        yield return "Ahead and behind: the 95 % interval of the paired difference leaves out zero and p (Wilcoxon's signed-rank test) is below 0.05.";
        if (AtEnds() is { Count: > 0 } ends)
        {
            yield return $"The best learning rate was the least or greatest of those tried for {string.Join(", ", ends)}: others may be better.";
        }
    }

    private List<int> Verdicts(Protocol protocol, LanguageMethod method) =>
        [.. Settings().Select(setting => Gap(protocol, setting, method)).OfType<PairedDifference>().Select(gap => gap.Verdict)];

    private List<string> AtEnds() =>
    [
        .. methods.Select(method => (method.Label, Count: Settings().Count(setting => Of(Protocol.Fair, setting, method) is { AtAnEnd: true })))
            .Where(one => one.Count > 0).Select(one => $"{one.Label} (in {one.Count})"),
    ];

    private IEnumerable<Setting> Settings() =>
        from task in view.Scene.Tasks from rows in view.Setup.Rows from rank in view.Setup.Ranks select new Setting(task, rows, rank);

    private MethodOutcome? Of(Protocol protocol, Setting setting, LanguageMethod method) =>
        setting.Rank != view.Setup.Ranks[0] && !method.HasRank ? null // told once, with the first rank
            : view.Scores.Of(protocol, setting.Task, method, setting.Rank, setting.Rows);

    private PairedDifference? Gap(Protocol protocol, Setting setting, LanguageMethod method) =>
        method == methods[0] || Of(protocol, setting, method) is not { } mine || Of(protocol, setting, methods[0]) is not { } baseline
            ? null : mine.Against(baseline);

    private static IEnumerable<string> Headings(Protocol protocol)
    {
        var name = protocol.ToString().ToLowerInvariant();
        return [$"{name}: rate", $"{name}: mean", $"{name}: 95 %", $"{name}: to LoRA", $"{name}: 95 %", $"{name}: won", $"{name}: p"];
    }

    private IEnumerable<string> Cells(Protocol protocol, Setting setting, LanguageMethod method)
    {
        if (Of(protocol, setting, method) is not { } outcome)
        {
            return Enumerable.Repeat(None, 7);
        }

        var (summary, gap) = (outcome.Summary, Gap(protocol, setting, method));
        return
        [
            outcome.Rate.ToString("0.######", CultureInfo.InvariantCulture), Number(summary.Mean), PlusMinus(summary.HalfWidth),
            .. gap is null ? [None, None, None, None] : (string[])
            [
                gap.Mean.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture), PlusMinus(gap.HalfWidth),
                $"{Whole(gap.Wins)} of {Whole(gap.Count)}", gap.PValue.ToString("0.000", CultureInfo.InvariantCulture),
            ],
        ];
    }

    private static string PlusMinus(double half) => double.IsNaN(half) ? None : $"± {Number(half)}";

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record Setting(LanguageTask Task, int? Rows, int Rank);
}
