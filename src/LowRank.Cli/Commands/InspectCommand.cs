using System.CommandLine;
using LowRank.Cli.Plots;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.Transformers.Weights;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank inspect</c>: what a file or folder holds.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("path")
        {
            Description = "A model's folder, an adapter's, a run's, a completion model's; or a .safetensors, .bin or .index.json file.",
        };
        var all = new Option<bool>("--all") { Description = "List every tensor; else the layers of a stack are told once." };
        var plot = new Option<string?>("--plot")
        {
            Description = "Draw the singular values of an adapter's or run's layers into this .png or .svg file.",
            HelpName = "FILE",
        };
        var json = CommonOptions.Json();
        var command = new Command("inspect", "Show what a model, an adapter, a run or a file of tensors holds.") { path, all, plot, json };
        command.With(
            "lowrank inspect reviews-run",
            "lowrank inspect reviews-run/adapter",
            "lowrank inspect reviews-run --plot spectrum.svg",
            "lowrank inspect bert-base-cased/model.safetensors --all",
            "lowrank inspect ratings-model --json");
        command.SetAction(parsed =>
        {
            var inspection = Inspect(parsed.GetRequiredValue(path), parsed.GetValue(all));
            if (parsed.GetValue(plot) is { } picture)
            {
                Draw(inspection, picture);
            }

            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonOutput.Serialize(inspection));
            }
            else
            {
                Print(inspection);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static Inspection Inspect(string path, bool all)
    {
        if (File.Exists(path))
        {
            return InspectTensors.File(path, all);
        }

        if (!Directory.Exists(path))
        {
            throw new FileNotFoundException($"{path}: there is no such file or folder. Check the path.");
        }

        bool Has(string name) => File.Exists(Path.Combine(path, name));
        return RunFolder.IsRun(path) ? InspectRun.Folder(path)
            : Has("adapter_config.json") ? InspectAdapter.Folder(path)
            : Has("model.json") ? InspectCompletion.Folder(path)
            : Has("config.json") || CheckpointFolder.FileNames.Any(Has) ? InspectTensors.Model(path, all)
            : throw new InvalidDataException(
                $"{path}: the folder holds no model, adapter or run; wanted config.json, adapter_config.json or model.json in it.");
    }

    private static void Draw(Inspection inspection, string picture)
    {
        if (inspection.Layers is not { Count: > 0 } layers)
        {
            throw new UsageException($"--plot: {inspection.Path} has no adapted layers to draw; wanted an adapter, or a run that has ended.");
        }

        SpectrumPlot.Write(picture, layers);
    }

    private static void Print(Inspection inspection)
    {
        var screen = new Screen();
        screen.Line($"{inspection.Path}: {inspection.Kind}");
        screen.Table(["what", "value"], inspection.Facts.Select(fact => new[] { fact.Key, fact.Value }), leftAligned: 2);
        foreach (var table in inspection.Tables)
        {
            screen.Table(table.Headings, table.Rows, table.LeftAligned);
        }
    }
}
