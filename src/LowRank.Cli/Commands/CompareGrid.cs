using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Methods;

namespace LowRank.Cli.Commands;

/// <summary>The options that say what is compared and what it is judged by.</summary>
internal sealed class CompareGrid
{
    private readonly Option<string?> _methods = List("--methods", $"Any of {string.Join(", ", MethodCatalogue.All.Select(method => method.Name))}; options follow a plus sign, as in deep-lora+gamma=0.1. [default: lora,deep-lora,deep-lora-narrow]", "NAMES");
    private readonly Option<string?> _ranks = List("--ranks", "Ranks of the adapters. [default: 8]", "4,8,16");
    private readonly Option<string?> _samples = List("--samples", "Numbers of training rows; validation rows come on top. [default: 16,64]", "16,64");
    private readonly Option<string?> _rates = List("--learning-rates", "Learning rates; 4x means four times the method's default, which is tried in any case. [default: 0.25x,1x,4x]", "RATES");
    private readonly Option<string?> _seeds = List("--seeds", "Seeds: each stands for the same rows, order and head with every method. [default: 0-9]", "0-9");
    private readonly Option<string?> _levels = List("--loss-levels", "Shares of the first training loss: how soon is each reached? [default: 0.5,0.1]", "SHARES");
    private readonly Option<string?> _test = List("--test", "Rows that runs are compared by and that choose nothing; the same columns.", "FILE");
    private readonly Option<double?> _testShare = new("--test-share") { Description = "Without such a file: the share of rows set aside for that, first of all. [default: 0.2]", HelpName = "SHARE" };
    private readonly Option<int?> _testRows = new("--test-rows") { Description = "At most so many test rows. [default: all]", HelpName = "N" };
    private readonly Option<int?> _validationRows = new("--validation-rows") { Description = "At most so many validation rows. [default: all of a file, 256 of the training file]", HelpName = "N" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _methods, _ranks, _samples, _rates, _seeds, _test, _testShare, _testRows, _validationRows, _levels,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>What the command line says, over the defaults.</summary>
    public ComparisonOptions Read(ParseResult parsed, ComparisonOptions defaults)
    {
        if (parsed.GetValue(_test) is not null && parsed.GetValue(_testShare) is not null)
        {
            throw new UsageException("--test and --test-share exclude each other: give one of them.");
        }

        return defaults with
        {
            Methods = parsed.GetValue(_methods) is { } methods ? NumberList.Words(methods) : defaults.Methods,
            Ranks = Whole(parsed, _ranks) ?? defaults.Ranks,
            Samples = Whole(parsed, _samples) ?? defaults.Samples,
            Seeds = Whole(parsed, _seeds)?.Select(seed => (long)seed).ToList() ?? defaults.Seeds,
            LearningRates = parsed.GetValue(_rates) is { } rates ? [.. NumberList.Words(rates).Select(RateChoice.Parse)] : defaults.LearningRates,
            LossLevels = parsed.GetValue(_levels) is { } levels ? NumberList.Real(_levels.Name, levels) : defaults.LossLevels,
            TestFile = parsed.GetValue(_test),
            TestShare = parsed.GetValue(_testShare) ?? defaults.TestShare,
            TestRows = parsed.GetValue(_testRows),
            ValidationRows = parsed.GetValue(_validationRows),
        };
    }

    private static IReadOnlyList<int>? Whole(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } text ? NumberList.Whole(option.Name, text) : null;

    private static Option<string?> List(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };
}
