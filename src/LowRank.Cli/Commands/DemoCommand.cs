using System.CommandLine;
using LowRank.Cli.Demos;
using LowRank.Cli.Terminal;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank demo</c>: see what the project does, on data and models that come with it.</summary>
internal static class DemoCommand
{
    private const int SizeOfAll = 400;

    public static Command Create()
    {
        var command = new Command("demo", "See what LowRank does, on made-up data and built-in models, in about two minutes.")
        {
            Completion(),
            FewShot("similarity", "Teach a small BERT how alike two sentences are, from 64 pairs: the head alone, LoRA, Deep LoRA.", DemoTask.Similarity),
            FewShot("classify", "Teach a small BERT what messages want, from 16 of each kind: the head alone, LoRA, Deep LoRA.", DemoTask.Classify),
            Generate(),
        };
        command.With("lowrank demo", "lowrank demo similarity", "lowrank demo completion --size 400 --rank 8 --out demo");
        return WithStage(command, (stage, _) =>
        {
            new DemoCompletion(stage, new(SizeOfAll, 5, 0.3)).Run();
            new DemoFewShot(stage, DemoTask.Similarity).Run();
            new DemoGenerate(stage).Run();
        });
    }

    private static Command Completion()
    {
        var size = new Option<int>("--size") { Description = "Rows and columns of the large matrix.", DefaultValueFactory = _ => 1000, HelpName = "D" };
        var rank = new Option<int>("--rank") { Description = "Rank of the matrices.", DefaultValueFactory = _ => 5, HelpName = "R" };
        var observed = new Option<double>("--observed") { Description = "The share of the large matrix's entries that is observed.", DefaultValueFactory = _ => 0.2, HelpName = "SHARE" };
        var command = new Command("completion", "Recover a low-rank matrix from a fifth of its entries: full width, compressed, and the default method.")
        {
            size, rank, observed,
        };
        command.With("lowrank demo completion", "lowrank demo completion --size 400 --observed 0.3");
        return WithStage(command, (stage, parsed) =>
        {
            var request = new DemoCompletionRequest(parsed.GetValue(size), parsed.GetValue(rank), parsed.GetValue(observed));
            request.Validate();
            new DemoCompletion(stage, request).Run();
        });
    }

    private static Command FewShot(string name, string description, DemoTask task)
    {
        var command = new Command(name, description);
        command.With($"lowrank demo {name}", $"lowrank demo {name} --seed 1 --out demo");
        return WithStage(command, (stage, _) => new DemoFewShot(stage, task).Run());
    }

    private static Command Generate()
    {
        var command = new Command("generate", "Teach a small T5 to tell facts in a sentence: LoRA, Deep LoRA.");
        command.With("lowrank demo generate", "lowrank demo generate --seed 1 --out demo");
        return WithStage(command, (stage, _) => new DemoGenerate(stage).Run());
    }

    private static Command WithStage(Command command, Action<DemoStage, ParseResult> run)
    {
        var output = new Option<string>("--out") { Description = "Folder for the report and all that it shows.", DefaultValueFactory = _ => "lowrank-demo", HelpName = "DIR" };
        var (seed, threads, json) = (CommonOptions.Seed(), CommonOptions.Threads(), CommonOptions.Json());
        foreach (var option in new Option[] { output, seed, threads, json })
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) =>
        {
            var stage = new DemoStage(
                parsed.GetRequiredValue(output), parsed.GetValue(seed), parsed.GetValue(threads), parsed.GetValue(json), stop);
            run(stage, parsed);
            stage.End();
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }
}
