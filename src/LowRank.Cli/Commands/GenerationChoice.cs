using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Tensors;
using LowRank.Transformers.Generation;

namespace LowRank.Cli.Commands;

/// <summary>The options that say how texts are written.</summary>
internal sealed class GenerationChoice
{
    private static readonly GenerationOptions Defaults = new();

    private readonly Option<int> _maximumLength = Number("--max-length", "The most tokens of a text, its end token included.", Defaults.MaximumLength);
    private readonly Option<int> _minimumLength = Number("--min-length", "The fewest tokens before the end token.", Defaults.MinimumLength, least: 0);
    private readonly Option<int> _beams = Number("--beams", "How many continuations are followed; 1 is greedy.", Defaults.Beams);
    private readonly Option<double> _penalty = Real("--length-penalty", "With beams: above 0 favours long texts, below 0 short ones.", Defaults.LengthPenalty);
    private readonly Option<bool> _stopsEarly = new("--early-stopping") { Description = "With beams: stop at as many finished texts as beams." };
    private readonly Option<int> _unique = Number("--no-repeat-ngram-size", "No run of so many tokens comes twice; 0 allows it.", Defaults.UniqueRunLength, least: 0);
    private readonly Option<bool> _samples = new("--sample") { Description = "Draw tokens by chance." };
    private readonly Option<double> _temperature = Real("--temperature", "With --sample: less is more certain.", Defaults.Temperature);
    private readonly Option<int> _topK = Number("--top-k", "With --sample: draw among so many of the likeliest tokens; 0 for all.", Defaults.TopK, least: 0);
    private readonly Option<double> _topP = Real("--top-p", "With --sample: draw among the fewest tokens of this probability together.", Defaults.TopP);
    private readonly Option<long> _seed = CommonOptions.Seed();
    private readonly Option<int> _sourceLength = Number("--source-length", "The most tokens of a source; the rest is cut off.", Defaults.SourceLength);
    private readonly Option<int> _batch = Number("--batch-size", "Texts written at a time; 1 answers each line at once.", Defaults.BatchSize);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _maximumLength, _minimumLength, _beams, _penalty, _stopsEarly, _unique, _samples, _temperature, _topK, _topP,
            _seed, _sourceLength, _batch,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>Refuses what no model can do, before one is fetched or loaded.</summary>
    public void RequireUsable(ParseResult parsed)
    {
        if (!parsed.GetValue(_samples)
            && Array.Find<Option>([_temperature, _topK, _topP], option => IsGiven(parsed, option)) is { } drawing)
        {
            throw new UsageException($"{drawing.Name} belongs to --sample, without which no token is drawn: add that, or leave it out.");
        }
    }

    /// <summary>What the command line says, over what a run or the defaults say.</summary>
    public GenerationOptions Read(ParseResult parsed, GenerationOptions before)
    {
        T Or<T>(Option<T> option, T otherwise) => IsGiven(parsed, option) ? parsed.GetRequiredValue(option) : otherwise;
        var options = before with
        {
            MaximumLength = Or(_maximumLength, before.MaximumLength),
            MinimumLength = Or(_minimumLength, before.MinimumLength),
            Beams = Or(_beams, before.Beams),
            LengthPenalty = Or(_penalty, before.LengthPenalty),
            StopsEarly = Or(_stopsEarly, before.StopsEarly),
            UniqueRunLength = Or(_unique, before.UniqueRunLength),
            Samples = Or(_samples, before.Samples),
            Temperature = Or(_temperature, before.Temperature),
            TopK = Or(_topK, before.TopK),
            TopP = Or(_topP, before.TopP),
            Seed = Seed.From(parsed.GetValue(_seed)),
            SourceLength = Or(_sourceLength, before.SourceLength),
            BatchSize = Or(_batch, before.BatchSize),
        };
        return options.Beams == 1 && Array.Find<Option>([_penalty, _stopsEarly], option => IsGiven(parsed, option)) is { } comparing
            ? throw new UsageException($"{comparing.Name} belongs to --beams of 2 or more: add that, or leave it out.")
            : options;
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static Option<int> Number(string name, string description, int value, int least = 1) =>
        new Option<int>(name) { Description = description, DefaultValueFactory = _ => value, HelpName = "N" }.AtLeast(least);

    private static Option<double> Real(string name, string description, double value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value, HelpName = "X" };
}
