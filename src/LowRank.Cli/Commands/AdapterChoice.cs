using System.CommandLine;
using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>The options that say which adapter is trained, on which layers.</summary>
internal sealed class AdapterChoice
{
    private const string LoraName = "lora";
    private const string DeepName = "deep-lora";

    private readonly Option<string?> _method = new("--adapter")
    {
        Description = "lora, or deep-lora: a product of more factors that needs no careful rank. [default: lora]",
        HelpName = $"{LoraName}|{DeepName}",
    };

    private readonly Option<int?> _rank = new("--rank")
    {
        Description = "The rank of the updates. [default: 8]",
        HelpName = "R",
    };

    private readonly Option<double?> _dropout = new("--adapter-dropout")
    {
        Description = "The chance that an adapter does not see an input feature. [default: 0]",
        HelpName = "P",
    };

    private readonly Option<double?> _alpha = new("--alpha")
    {
        Description = "lora: the update's scale is alpha / rank. [default: the rank]",
        HelpName = "A",
    };

    private readonly Option<bool> _rsLora = new("--rslora")
    {
        Description = "lora: scale by alpha / sqrt(rank) instead.",
    };

    private readonly Option<int?> _depth = new("--depth")
    {
        Description = "deep-lora: the number of factors, 2 or more. [default: 3]",
        HelpName = "L",
    };

    private readonly Option<DeepLoraForm?> _form = new("--form")
    {
        Description = "deep-lora: random narrow factors, compressed out of the first gradient, or full width. [default: narrow]",
        HelpName = "narrow|compressed|wide",
    };

    private readonly Option<double?> _initialScale = new("--initial-scale")
    {
        Description = "deep-lora: epsilon, where each factor starts. [default: 0.001]",
        HelpName = "E",
    };

    private readonly Option<double?> _gamma = new("--gamma")
    {
        Description = "deep-lora, compressed: the outer factors' rate as a share of the inner ones'. [default: 0.01]",
        HelpName = "G",
    };

    private readonly Option<string?> _targets = new("--target-modules")
    {
        Description = "all-linear, all-dense (embeddings too), names with commas, or /a regular expression/. [default: all-linear]",
        HelpName = "LAYERS",
    };

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Names of layers that get no adapter.",
        HelpName = "LAYER",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int?> _minimumSize = new("--minimum-size")
    {
        Description = "Pass over layers whose smaller side is below this. [default: 1]",
        HelpName = "N",
    };

    private readonly Option<bool> _trainHead = new("--train-head")
    {
        Description = "Train the classification head in full; this is the default.",
    };

    private readonly Option<bool> _noTrainHead = new("--no-train-head")
    {
        Description = "Leave the head random and frozen, as the Deep LoRA paper did.",
    };

    public void AddTo(Command command)
    {
        _method.AcceptOnlyFromAmong(LoraName, DeepName);
        foreach (var option in new Option[]
        {
            _method, _rank, _depth, _targets, _exclude, _minimumSize, _trainHead, _noTrainHead, _form, _initialScale, _gamma,
            _alpha, _rsLora, _dropout,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>Only which layers are adapted: for a command that chooses the adapters itself.</summary>
    public void AddLayersTo(Command command)
    {
        foreach (var option in new Option[] { _targets, _exclude, _minimumSize, _trainHead, _noTrainHead, _dropout })
        {
            command.Add(option);
        }
    }

    /// <summary>What the command line says, over what a configuration said.</summary>
    public FineTuneOptions Read(ParseResult parsed, FineTuneOptions before)
    {
        if (parsed.GetValue(_trainHead) && parsed.GetValue(_noTrainHead))
        {
            throw new UsageException("--train-head and --no-train-head exclude each other: give one of them.");
        }

        return before with
        {
            Adapter = Adapter(parsed, before.Adapter),
            Targets = parsed.GetValue(_targets) ?? before.Targets,
            Exclude = parsed.GetResult(_exclude) is { Implicit: false } ? parsed.GetValue(_exclude) ?? [] : before.Exclude,
            MinimumSize = parsed.GetValue(_minimumSize) ?? before.MinimumSize,
            TrainHead = parsed.GetValue(_trainHead) || (!parsed.GetValue(_noTrainHead) && before.TrainHead),
        };
    }

    private AdapterOptions Adapter(ParseResult parsed, AdapterOptions before)
    {
        var method = parsed.GetValue(_method) ?? before.Method;
        return method == DeepName
            ? Deep(parsed, before as DeepLoraOptions ?? new() { Rank = before.Rank, Dropout = before.Dropout })
            : Plain(parsed, before as LoraOptions ?? new() { Rank = before.Rank, Dropout = before.Dropout });
    }

    private LoraOptions Plain(ParseResult parsed, LoraOptions before)
    {
        Refuse(parsed, DeepName, _depth, _form, _initialScale, _gamma);
        return before with
        {
            Rank = parsed.GetValue(_rank) ?? before.Rank,
            Dropout = parsed.GetValue(_dropout) ?? before.Dropout,
            Alpha = parsed.GetValue(_alpha) ?? before.Alpha,
            UseRsLora = parsed.GetValue(_rsLora) || before.UseRsLora,
        };
    }

    private DeepLoraOptions Deep(ParseResult parsed, DeepLoraOptions before)
    {
        Refuse(parsed, LoraName, _alpha, _rsLora);
        return before with
        {
            Rank = parsed.GetValue(_rank) ?? before.Rank,
            Dropout = parsed.GetValue(_dropout) ?? before.Dropout,
            Depth = parsed.GetValue(_depth) ?? before.Depth,
            Form = parsed.GetValue(_form) ?? before.Form,
            InitialScale = parsed.GetValue(_initialScale) ?? before.InitialScale,
            OuterRateRatio = parsed.GetValue(_gamma) ?? before.OuterRateRatio,
        };
    }

    private static void Refuse(ParseResult parsed, string owner, params Option[] options)
    {
        foreach (var option in options)
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} belongs to {owner}: add '--adapter {owner}', or leave it out.");
            }
        }
    }
}
