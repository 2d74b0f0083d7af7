using System.CommandLine;
using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank import</c>: any PEFT adapter as a run that the other commands understand.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var adapter = new Argument<string>("adapter") { Description = "A PEFT LoRA adapter, of a classifier with its head: a folder, or an id of the Hugging Face Hub." };
        var output = new Option<string>("--out") { Description = "Folder for the run.", HelpName = "DIR", Required = true };
        var model = new Option<string?>("--model") { Description = "The base model: a folder or an id. [default: as the adapter says]", HelpName = "MODEL" };
        var labels = new Option<string?>("--labels") { Description = "The label names in the order of the head's rows. [default: the base model's, else LABEL_0, ...]", HelpName = "A,B,..." };
        var kind = new Option<string?>("--task-kind") { Description = "Whether the head tells classes apart or gives a number. [default: one output is a number]", HelpName = "classes|numbers" };
        var length = new Option<int?>("--max-length") { Description = "The most tokens of a text; longer ones are cut. [default: 128]", HelpName = "N" };
        var json = CommonOptions.Json();
        kind.AcceptOnlyFromAmong("classes", "numbers");
        var command = new Command("import", "Make a run of a PEFT adapter, to evaluate, predict, merge, inspect or train on.")
        {
            adapter, output, model, labels, kind, length, json,
        };
        command.With(
            "lowrank import their-adapter --out their-run --labels negative,positive",
            "lowrank import their-adapter --out their-run --model bert-base-cased");
        command.SetAction(async (parsed, stop) =>
        {
            var screen = new Screen(parsed.GetValue(json));
            var target = parsed.GetRequiredValue(output);
            OutputFolder.RequireFree(target);
            var from = (await ModelPlace.LocateAsync(parsed.GetRequiredValue(adapter), null, screen, stop).ConfigureAwait(false)).Folder;
            var said = PeftFolder.ReadBase(from);
            var named = parsed.GetValue(model);
            var wanted = named ?? said.Name ?? throw new UsageException(
                $"{from}: the adapter does not say which model it belongs to; name it with --model.");
            var place = await ModelPlace.LocateAsync(wanted, named is null ? said.Revision : null, screen, stop).ConfigureAwait(false);
            var options = new FineTuneOptions
            {
                ModelFolder = place.Folder,
                ModelName = place.Name,
                Revision = place.Revision,
                MaxLength = parsed.GetValue(length) ?? 128,
            };
            var names = AdapterImport.Write(from, target, options, Split(parsed.GetValue(labels)), parsed.GetValue(kind) switch
            {
                "classes" => LabelKind.Classes,
                "numbers" => LabelKind.Numbers,
                _ => null,
            });
            Print(screen, parsed.GetValue(json), target, place.Folder, names);
            return ExitCode.Success;
        });
        return command;
    }

    private static string[]? Split(string? labels) => labels?.Split(',', StringSplitOptions.TrimEntries);

    private static void Print(Screen screen, bool json, string run, string model, IReadOnlyList<string> labels)
    {
        var options = RunFolder.Open(run).ReadOptions();
        var adapter = options.Adapter;
        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new { Folder = run, Model = model, Labels = labels, Adapter = (object)adapter }));
            return;
        }

        screen.Line($"{run}: {InspectRun.Describe(adapter)} on {model}, "
            + InspectRun.Purpose(options, labels));
        screen.Line($"next: lowrank {(options.Generator is null ? "predict" : "generate")} {run} --text \"...\"");
    }
}
