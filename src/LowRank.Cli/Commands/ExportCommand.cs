using System.CommandLine;
using System.Globalization;
using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank export</c>: a run's adapter as other programs read it.</summary>
internal static class ExportCommand
{
    private const double DefaultTolerance = 0.01;

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A folder that 'lowrank finetune' or 'lowrank import' wrote." };
        var output = new Option<string>("--out") { Description = "Folder for the adapter.", HelpName = "DIR", Required = true };
        var format = new Option<string>("--format")
        {
            Description = "peft: Hugging Face PEFT's files, which vLLM, llama.cpp and others read too.",
            DefaultValueFactory = _ => "peft",
            HelpName = "peft",
        };
        format.AcceptOnlyFromAmong("peft");
        var compact = new Option<bool>("--compact") { Description = "Write each layer at the rank that it really uses; a smaller file that PEFT reads, but not every program." };
        var tolerance = new Option<double?>("--tolerance")
        {
            Description = $"--compact: the share of the updates' norm that may be lost. [default: {DefaultTolerance.ToString(CultureInfo.InvariantCulture)}]",
            HelpName = "SHARE",
        };
        var dtype = NumberFormats.Dtype();
        var verify = new Option<bool>("--verify") { Description = "Read the folder back and compare the logits; fail when an exact export differs." };
        var model = new Option<string?>("--model") { Description = "The base model's folder, when it is no longer where the run found it.", HelpName = "DIR" };
        var (threads, json) = (CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("export", "Write a run's adapter and head as plain LoRA in Hugging Face PEFT's format.")
        {
            run, output, format, compact, tolerance, dtype, verify, model, threads, json,
        };
        command.With(
            "lowrank export reviews-run --format peft --out reviews-lora --verify",
            "lowrank export reviews-run --compact --tolerance 0.02 --dtype bf16 --out reviews-small");
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(tolerance) is not null && !parsed.GetValue(compact))
            {
                throw new UsageException("--tolerance belongs to --compact: add it, or leave --tolerance out.");
            }

            if (parsed.GetValue(threads) > 0)
            {
                torch.set_num_threads(parsed.GetValue(threads));
            }

            var target = parsed.GetRequiredValue(output);
            OutputFolder.RequireFree(target);
            var options = new PeftOptions
            {
                Tolerance = parsed.GetValue(compact) ? parsed.GetValue(tolerance) ?? DefaultTolerance : null,
                Dtype = NumberFormats.Parse(parsed.GetValue(dtype)),
            };
            using var tuned = FineTunedModel.Open(parsed.GetRequiredValue(run), parsed.GetValue(model));
            var job = new ExportJob(tuned, parsed.GetValue(model), target, options, new Screen(parsed.GetValue(json)));
            return job.Run(parsed.GetValue(verify), parsed.GetValue(json));
        });
        return command;
    }
}
