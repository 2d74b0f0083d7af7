using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Pretraining;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank pretrain</c>: teaches a BERT or a T5 a language, or more of it, from plain text.</summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Text to learn from: text files, or tables (CSV, TSV, JSON lines, Parquet) with a column of texts.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var output = new Option<string>("--out") { Description = "Folder for the model.", HelpName = "DIR", Required = true };
        var (text, shape, training) = (new PretrainText(), new ModelShape(), new PretrainTraining());
        var (threads, json, device) = (CommonOptions.Threads(), CommonOptions.Json(), new DeviceOption());
        var force = new Option<bool>("--force") { Description = "Replace a run that is there already." };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run in --out, with its own options." };
        var command = new Command("pretrain", "Train a BERT or a T5 on plain text, from scratch or onwards, by guessing what is hidden.")
        {
            files, output, force, resume,
        };
        text.AddTo(command);
        shape.AddTo(command);
        training.AddTo(command);
        device.AddTo(command);
        command.Add(threads);
        command.Add(json);
        command.With(
            "lowrank pretrain town-train.txt --tokenizer town-bert-vocabulary --steps 2000 --out town-bert",
            "lowrank pretrain notes.txt --model google-bert/bert-base-cased --learning-rate 0.00005 --epochs 1 --out notes-bert",
            "lowrank pretrain notes.txt --model town-bert --adapter lora --rank 8 --out notes-bert",
            "lowrank pretrain town-train.txt --tokenizer pieces --config config.json --dtype float16 --out town-bert",
            "lowrank pretrain town-train.txt --kind t5 --tokenizer town-t5-vocabulary --steps 4000 --out town-t5",
            "lowrank pretrain --resume --out town-bert");
        command.SetAction(async (parsed, stop) =>
        {
            var folder = new PretrainFolder(parsed.GetRequiredValue(output));
            var run = new PretrainRun(folder, parsed.GetValue(threads), parsed.GetValue(json), stop);
            if (parsed.GetValue(resume))
            {
                return await run.ResumeAsync(Read, shape, parsed).ConfigureAwait(false);
            }

            RequireFree(folder, parsed.GetValue(force));
            return await run.BeginAsync(Read(PretrainTraining.Defaults), text, shape, parsed).ConfigureAwait(false);

            PretrainOptions Read(PretrainOptions before)
            {
                var named = parsed.GetRequiredValue(files);
                before = named.Length == 0 ? before : before with { TextFiles = [.. named.Select(Path.GetFullPath)] };
                return training.Read(parsed, text.Read(parsed, before)) with { Device = device.Read(parsed, before.Device) };
            }
        });
        return command;
    }

    private static void RequireFree(PretrainFolder folder, bool force)
    {
        if (folder.IsRun && !force)
        {
            throw new UsageException(
                $"{folder.Path}: a run is there already; add --resume to go on with it, --force to replace it, or choose another --out.");
        }

        if (!folder.IsRun && (File.Exists(folder.Path) || File.Exists(Path.Combine(folder.Path, "config.json"))))
        {
            throw new UsageException($"{folder.Path}: there is something else already, no run; choose another --out.");
        }

        OutputFolder.RequireWritable(folder.Path);
    }
}
