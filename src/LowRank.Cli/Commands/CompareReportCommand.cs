using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Reports;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank compare report</c>: joins the parts of a comparison and makes its report.</summary>
internal static class CompareReportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A folder that 'lowrank compare' wrote; the report goes into it." };
        var others = new Argument<string[]>("others")
        {
            Description = "Other parts of the same comparison; their runs are copied into the first.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var (baseline, json) = (CompareCommand.Baseline(), CommonOptions.Json());
        var command = new Command("report", "Join the parts of a comparison and make its report, as if it had been run in one go.")
        {
            folder, others, baseline, json,
        };
        command.With("lowrank compare report compared", "lowrank compare report part-1 part-2 part-3", "lowrank compare report compared --baseline rslora");
        command.SetAction(parsed =>
        {
            var whole = ComparisonFolder.Open(parsed.GetRequiredValue(folder));
            foreach (var part in parsed.GetValue(others) ?? [])
            {
                whole.Join(ComparisonFolder.Open(part));
            }

            new CompareOutcome(new Screen(parsed.GetValue(json)), parsed.GetValue(json))
                .Show(ComparisonReport.Of(whole, parsed.GetRequiredValue(baseline)), whole);
            return ExitCode.Success;
        });
        return command;
    }
}
