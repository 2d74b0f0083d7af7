using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.Transformers.Weights;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank merge</c>: a run's adapter and its base model become one model.</summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A folder that 'lowrank finetune' or 'lowrank import' wrote." };
        var output = new Option<string>("--out") { Description = "Folder for the model.", HelpName = "DIR", Required = true };
        var verify = new Option<bool>("--verify")
        {
            Description = "Compare the logits before merging, after it, and of the written folder; fail when they differ.",
        };
        var dtype = NumberFormats.Dtype();
        var shard = new Option<string>("--max-shard-size")
        {
            Description = "The most bytes of weights in one file.",
            DefaultValueFactory = _ => "5GB",
            HelpName = "SIZE",
        };
        var model = new Option<string?>("--model") { Description = "The base model's folder, when it is no longer where the run found it.", HelpName = "DIR" };
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("merge", "Merge a run's adapter into its model: a folder that every tool for Hugging Face models loads.")
        {
            run, output, verify, dtype, shard, model, threads, json,
        };
        command.With(
            "lowrank merge reviews-run --out reviews-model --verify",
            "lowrank merge reviews-run --out reviews-model --dtype bf16 --max-shard-size 200MB",
            "lowrank predict reviews-model --text \"A fine film.\"");
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(threads) > 0)
            {
                torch.set_num_threads(parsed.GetValue(threads));
            }

            var target = parsed.GetRequiredValue(output);
            OutputFolder.RequireFree(target);
            var options = new ModelWriterOptions
            {
                Dtype = NumberFormats.Parse(parsed.GetValue(dtype)),
                MaxShardBytes = NumberFormats.ParseSize(shard.Name, parsed.GetRequiredValue(shard)),
            };
            using var tuned = FineTunedModel.Open(parsed.GetRequiredValue(run), parsed.GetValue(model));
            var job = new MergeJob(tuned, target, options, new Screen(parsed.GetValue(json)));
            return job.Run(parsed.GetValue(verify), parsed.GetValue(json));
        });
        return command;
    }
}
