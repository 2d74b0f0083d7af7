using System.CommandLine;
using LowRank.Cli.Terminal;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank demo</c>: see what the project does, on data that it makes itself.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "See what LowRank does, on made-up data, in about a minute.") { Completion() };
        command.With("lowrank demo completion", "lowrank demo completion --size 400 --rank 8 --out demo");
        return command;
    }

    private static Command Completion()
    {
        var size = new Option<int>("--size") { Description = "Rows and columns of the large matrix.", DefaultValueFactory = _ => 1000, HelpName = "D" };
        var rank = new Option<int>("--rank") { Description = "Rank of the matrices.", DefaultValueFactory = _ => 5, HelpName = "R" };
        var observed = new Option<double>("--observed") { Description = "The share of the large matrix's entries that is observed.", DefaultValueFactory = _ => 0.2, HelpName = "SHARE" };
        var output = new Option<string>("--out") { Description = "Folder for the curves and the figures.", DefaultValueFactory = _ => "lowrank-demo", HelpName = "DIR" };
        var (seed, threads, json) = (CommonOptions.Seed(), CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("completion", "Recover a low-rank matrix from a fifth of its entries: full width, compressed, and the default method.")
        {
            size, rank, observed, output, seed, threads, json,
        };
        command.With("lowrank demo completion", "lowrank demo completion --size 400 --observed 0.3");
        command.SetAction((parsed, stop) =>
        {
            var request = new DemoCompletionRequest(
                parsed.GetValue(size), parsed.GetValue(rank), parsed.GetValue(observed),
                parsed.GetRequiredValue(output), parsed.GetValue(seed), parsed.GetValue(threads), parsed.GetValue(json));
            request.Validate();
            new DemoCompletion(request, stop).Run();
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }
}
