using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;
using LowRank.Transformers.Weights;

namespace LowRank.Cli.Commands;

/// <summary>Merges, writes, reads back and compares.</summary>
internal sealed class MergeJob(FineTunedModel model, string target, ModelWriterOptions options, Screen screen)
{
    public int Run(bool verify, bool json)
    {
        var check = verify ? new LogitCheck(model, screen) : null;
        model.Merge();
        var merged = check?.Against(model);
        if (merged > LogitCheck.Tolerance)
        {
            screen.Note($"lowrank: merging changes the logits by {LogitCheck.Number(merged.Value)}; wanted at most "
                + $"{LogitCheck.Number(LogitCheck.Tolerance)}. Nothing was written.");
            return ExitCode.NoResult;
        }

        model.SaveModel(target, options);
        var (written, allowed) = (check is null ? (double?)null : ReadBack(check), check?.Allowed(options.Dtype));
        var files = Directory.EnumerateFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToList();
        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new
            {
                Folder = target,
                Files = files,
                Bytes = NumberFormats.BytesOf(target),
                Dtype = options.Dtype.FileName(),
                model.Labels,
                Texts = check?.Count,
                MergedDifference = merged,
                WrittenDifference = written,
            }));
        }
        else
        {
            Print(merged, written, allowed);
        }

        if (written > allowed)
        {
            screen.Note($"lowrank: the written model's logits differ by {LogitCheck.Number(written.Value)}; wanted at most "
                + $"{LogitCheck.Number(allowed.Value)}. Do not use {target}; with a half-precision --dtype, write f32 instead.");
            return ExitCode.NoResult;
        }

        return ExitCode.Success;
    }

    private double ReadBack(LogitCheck check)
    {
        using var back = FineTunedModel.Open(target, maxLength: model.Run?.MaxLength);
        return check.Against(back);
    }

    private void Print(double? merged, double? written, double? allowed)
    {
        screen.Line($"{target}: {NumberFormats.SizeOf(target)}, {options.Dtype.FileName()}, "
            + InspectRun.Purpose(model.Run, model.Labels));
        if (merged is { } first && written is { } second && allowed is { } limit)
        {
            screen.Table(
                ["logits before merging, against", "largest difference", "allowed"],
                [
                    ["after merging", LogitCheck.Number(first), LogitCheck.Number(LogitCheck.Tolerance)],
                    ["the written folder", LogitCheck.Number(second), LogitCheck.Number(limit)],
                ]);
        }

        screen.Line($"next: lowrank {(model is TextGenerator ? "generate" : "predict")} {target} --text \"...\"");
    }
}
