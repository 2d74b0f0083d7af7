using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Reproduction;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank reproduce</c>: makes the paper's figures and numbers again.</summary>
internal static class ReproduceCommand
{
    private const string DefaultFolder = "reproduced";

    public static Command Create()
    {
        var ids = new Argument<string[]>("ids") { Description = "What to make; --list names them. 'all' for everything.", Arity = ArgumentArity.ZeroOrMore };
        var list = new Option<bool>("--list") { Description = "Name all targets, with what they show, cost and need; make none." };
        var scale = new Option<ReproductionScale>("--scale")
        {
            Description = "full: the paper's settings. quick: a smaller setting of the same kind, in seconds.",
            HelpName = "full|quick",
        };
        var seeds = CommonOptions.Word("--seeds", "Seeds of the trials, such as 0-4; each target has its own default, the paper's number.", "LIST");
        var output = new Option<string>("--out")
        {
            Description = "Folder for the results, one folder in it per target; runs that are there are not made again.",
            DefaultValueFactory = _ => DefaultFolder,
            HelpName = "DIR",
        };
        var shard = CommonOptions.Word("--shard", "Make only the i-th of n equal parts of the runs, and judge nothing.", "i/n");
        var threads = new Option<int>("--threads")
        {
            Description = "Threads of each run; small matrices are fastest on one.",
            DefaultValueFactory = _ => 1,
            HelpName = "N",
        };
        var language = new LanguageOptions();
        var (json, device) = (CommonOptions.Json(), new DeviceOption());
        var command = new Command("reproduce", "Make the paper's figures and numbers again, and hold them against the paper's.")
        {
            ids, list, scale, seeds, output, shard, threads, json,
        };
        language.AddTo(command);
        device.AddTo(command);
        command.With(
            "lowrank reproduce --list",
            "lowrank reproduce fig5 --scale quick",
            "lowrank reproduce fig1 fig5 --seeds 0-4 --out reproduced",
            "lowrank reproduce fig5 --shard 2/3 --out part-2",
            "lowrank reproduce fig5 --device cuda",
            "lowrank reproduce fig6 --protocol fair",
            "lowrank reproduce fig6 --model google-bert/bert-base-cased",
            "lowrank reproduce table2 --model google-t5/t5-base --task e2e --data e2e-dataset",
            "lowrank report reproduced");
        command.SetAction(async (parsed, stop) =>
        {
            var screen = new Screen(parsed.GetValue(json));
            if (parsed.GetValue(list))
            {
                var catalogue = ReproductionText.Catalogue();
                screen.Table(catalogue.Headings, catalogue.Rows, catalogue.LeftAligned);
                screen.Line("Costs are for one core. A BERT or T5 is the built-in one, and its tasks are our own; --model, --task and --data choose others, such as the paper's.");
                return ExitCode.Success;
            }

            var targets = Targets(parsed.GetValue(ids) ?? []);
            var options = new ReproductionOptions
            {
                Device = device.Read(parsed),
                Language = await language.ReadAsync(parsed, targets, screen, stop).ConfigureAwait(false),
                Protocols = language.Protocols(parsed),
                Scale = parsed.GetValue(scale),
                Seeds = parsed.GetValue(seeds) is { } text ? NumberList.Whole("--seeds", text) : null,
                Threads = parsed.GetValue(threads),
            };
            OutputFolder.RequireWritable(parsed.GetRequiredValue(output));
            var part = parsed.GetValue(shard) is { } words ? Shard.Parse(words) : null;
            return new ReproduceRun(options, parsed.GetRequiredValue(output), part, parsed.GetValue(json), screen, stop).Run(targets);
        });
        return command;
    }

    private static IReadOnlyList<Target> Targets(string[] ids) =>
        ids.Length == 0 ? throw new UsageException("Name what to make, such as fig5; 'lowrank reproduce --list' names all there is.")
        : ids.Contains("all", StringComparer.OrdinalIgnoreCase) ? TargetCatalogue.All
        : [.. ids.Select(TargetCatalogue.Find).Distinct()];
}
