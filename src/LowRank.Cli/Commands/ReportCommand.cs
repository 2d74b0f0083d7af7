using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Reproduction;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank report</c>: one report of what <c>lowrank reproduce</c> made.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "A folder that 'lowrank reproduce' wrote; the report goes into it." };
        var others = new Argument<string[]>("others")
        {
            Description = "Other parts of the same targets, made with --shard; their runs are copied into the first.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("report", "Make one report of all that 'lowrank reproduce' left in a folder.") { folder, others };
        command.With("lowrank report reproduced", "lowrank report part-1 part-2 part-3");
        command.SetAction(parsed =>
        {
            var root = parsed.GetRequiredValue(folder);
            var folders = ReproductionFolder.OpenAll(root);
            foreach (var part in (parsed.GetValue(others) ?? []).SelectMany(ReproductionFolder.OpenAll))
            {
                (folders.FirstOrDefault(own => own.Target == part.Target && own.Scale == part.Scale && own.Language?.Model == part.Language?.Model)
                    ?? throw new UsageException($"{part.Path}: {root} has no such target; name the parts of one reproduction.")).Join(part);
            }

            var screen = new Screen();
            var (path, fault) = ReproductionReport.WriteAll(folders, root);
            if (fault is not null)
            {
                screen.Note(fault);
            }

            screen.Line($"report: {path}");
            return ExitCode.Success;
        });
        return command;
    }
}
