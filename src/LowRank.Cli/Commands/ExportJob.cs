using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>Writes an adapter's folder, reads it back and compares.</summary>
internal sealed class ExportJob(
    FineTunedModel model, string? modelFolder, string target, PeftOptions options, Screen screen)
{
    public int Run(bool verify, bool json)
    {
        if (model.Adapters is not { } set)
        {
            throw new UsageException(
                "There is no adapter to export: every weight of the model was trained. 'lowrank merge' writes the model.");
        }

        if (options.Tolerance is not null && set.Options is LoraOptions { UseDora: true })
        {
            throw new UsageException(
                "--compact: DoRA's magnitudes belong to the whole factors, which cannot be cut. Leave --compact out.");
        }

        var check = verify ? new LogitCheck(model, screen) : null;
        var report = model.SaveAdapter(target, options);
        var difference = check is null ? (double?)null : ReadBack(check);
        var allowed = options.Tolerance is null ? check?.Allowed(options.Dtype) : null;
        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new
            {
                Folder = target,
                Bytes = NumberFormats.BytesOf(target),
                Dtype = options.Dtype.FileName(),
                options.Tolerance,
                Layers = set.Adapters.Count,
                Ranks = report.Ranks,
                Texts = check?.Count,
                Difference = difference,
            }));
        }
        else
        {
            Print(set, report, check, difference, allowed);
        }

        if (difference > allowed)
        {
            screen.Note($"lowrank: the exported adapter's logits differ by {LogitCheck.Number(difference.Value)}; wanted at most "
                + $"{LogitCheck.Number(allowed.Value)}. Do not use {target}.");
            return ExitCode.NoResult;
        }

        return ExitCode.Success;
    }

    private double ReadBack(LogitCheck check)
    {
        var source = modelFolder ?? model.Run?.ModelFolder
            ?? throw new InvalidOperationException("An adapter has a base model.");
        using var back = FineTunedModel.OpenAdapter(target, source, model.Labels, model.Run?.MaxLength);
        return check.Against(back);
    }

    private void Print(AdapterSet set, PeftReport report, LogitCheck? check, double? difference, double? allowed)
    {
        screen.Line($"{target}: {NumberFormats.SizeOf(target)}, {options.Dtype.FileName()}, PEFT's format");
        if (report.Ranks.Count > 0)
        {
            var (least, most) = (report.Ranks.Values.Min(), report.Ranks.Values.Max());
            screen.Line($"layers: {report.Ranks.Count} of {set.Adapters.Count}, rank {(least == most ? $"{most}" : $"{least} to {most}")}");
        }

        if (set.HeadPaths.Count > 0)
        {
            screen.Line($"in full: {string.Join(", ", set.HeadPaths)}");
        }

        if (check is not null && difference is { } largest)
        {
            screen.Line($"logits: largest difference {LogitCheck.Number(largest)}, "
                + (allowed is { } limit ? $"allowed {LogitCheck.Number(limit)}" : $"largest logit {LogitCheck.Number(check.Largest)}"));
        }
    }
}
