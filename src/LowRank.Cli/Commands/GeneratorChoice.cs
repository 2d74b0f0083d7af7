using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Training;

namespace LowRank.Cli.Commands;

/// <summary>The options of fine-tuning a model that writes texts.</summary>
internal sealed class GeneratorChoice
{
    private readonly Option<string?> _prefix = CommonOptions.Word("--prefix", "T5: goes before each source, such as 'summarize: '.", "TEXT");
    private readonly Option<int?> _length = CommonOptions.Whole("--max-target-length", "T5: the most tokens of a target text; longer ones are cut. [default: 128]", least: 2);
    private readonly Option<double?> _smoothing =
        CommonOptions.Number("--label-smoothing", "T5: the share of a token's probability that goes to all alike, in training. [default: 0]", "SHARE");
    private readonly Option<bool> _writes = new("--eval-texts")
    {
        Description = "T5: write the validation texts at each evaluation and score them (bleu, rouge, ...); slow. [default: only if --metric is such a score]",
    };

    private readonly Option<int?> _beams = CommonOptions.Whole("--beams", "T5: how many continuations are followed when texts are written; 1 is greedy. [default: 1]");

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _prefix, _length, _smoothing, _writes, _beams })
        {
            command.Add(option);
        }
    }

    /// <summary>What the command line says, over what a configuration said; null where neither says anything.</summary>
    public GeneratorOptions? Read(ParseResult parsed, GeneratorOptions? before)
    {
        var asked = new Option[] { _prefix, _length, _smoothing, _writes, _beams }.Any(option => parsed.GetResult(option) is { Implicit: false });
        if (!asked)
        {
            return before;
        }

        before ??= new();
        return before with
        {
            Prefix = parsed.GetValue(_prefix) ?? before.Prefix,
            MaxTargetLength = parsed.GetValue(_length) ?? before.MaxTargetLength,
            LabelSmoothing = parsed.GetValue(_smoothing) ?? before.LabelSmoothing,
            WritesTexts = parsed.GetValue(_writes) || before.WritesTexts,
            Beams = parsed.GetValue(_beams) ?? before.Beams,
        };
    }
}
