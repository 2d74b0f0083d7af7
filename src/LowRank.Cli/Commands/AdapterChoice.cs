using System.CommandLine;
using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>The options that say which adapter is trained, on which layers.</summary>
internal sealed class AdapterChoice
{
    private const string LoraName = "lora";
    private const string DoraName = "dora";
    private const string DeepName = "deep-lora";
    private const string XsName = "lora-xs";
    private const string HeadName = "head-only";
    private const string FullName = "full";

    private readonly Option<string?> _method = new("--adapter")
    {
        Description = "What is trained: lora, dora, deep-lora (a product of more factors that needs no careful rank), lora-xs, "
            + "head-only, or full (every weight). [default: lora]",
        HelpName = $"{LoraName}|{DoraName}|{DeepName}|{XsName}|{HeadName}|{FullName}",
    };

    private readonly Option<int?> _rank = new Option<int?>("--rank")
    {
        Description = "The rank of the updates. [default: 8]",
        HelpName = "R",
    }.AtLeast(1);

    private readonly Option<double?> _dropout = new("--adapter-dropout")
    {
        Description = "The chance that an adapter does not see an input feature. [default: 0]",
        HelpName = "P",
    };

    private readonly Option<double?> _alpha = new("--alpha")
    {
        Description = "lora, dora, lora-xs: the update's scale is alpha / rank. [default: the rank]",
        HelpName = "A",
    };

    private readonly Option<bool> _rsLora = new("--rslora")
    {
        Description = "lora, dora: scale by alpha / sqrt(rank) instead.",
    };

    private readonly Option<LoraStart?> _start = new("--start")
    {
        Description = "lora: where the factors start. [default: kaiming]",
        HelpName = "kaiming|gaussian|mirrored|orthogonal|pissa|olora",
    };

    private readonly Option<double?> _ratio = new("--loraplus-ratio")
    {
        Description = "lora, dora: the learning rate of B as a multiple of A's (LoRA+ recommends 16). [default: 1]",
        HelpName = "K",
    };

    private readonly Option<int?> _depth = new Option<int?>("--depth")
    {
        Description = "deep-lora: the number of factors, 2 or more. [default: 3]",
        HelpName = "L",
    }.AtLeast(2);

    private readonly Option<DeepLoraForm?> _form = new("--form")
    {
        Description = "deep-lora: compressed out of the first gradient, random narrow factors, or full width. [default: compressed]",
        HelpName = "compressed|narrow|wide",
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

    private readonly Option<int?> _compressionBatches = CommonOptions.Whole(
        "--compression-batches", "deep-lora, compressed: how many batches the first gradient is summed over. [default: 1]");

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

    private readonly Option<int?> _minimumSize = CommonOptions.Whole(
        "--minimum-size", "Pass over layers whose smaller side is below this. [default: 1]");

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
        _method.AcceptOnlyFromAmong(LoraName, DoraName, DeepName, XsName, HeadName, FullName);
        foreach (var option in new Option[]
        {
            _method, _rank, _depth, _targets, _exclude, _minimumSize, _trainHead, _noTrainHead, _form, _initialScale, _gamma,
            _compressionBatches, _alpha, _rsLora, _start, _ratio, _dropout,
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
        var method = parsed.GetValue(_method) ?? (before is LoraOptions { UseDora: true } ? DoraName : before.Method);
        RefuseForeign(parsed, method);
        var rank = parsed.GetValue(_rank) ?? (before as FactorOptions)?.Rank ?? 8;
        var dropout = parsed.GetValue(_dropout) ?? (before as FactorOptions)?.Dropout ?? 0;
        return method switch
        {
            HeadName => new HeadOnlyOptions(),
            FullName => new FullOptions(),
            DeepName => Deep(parsed, before as DeepLoraOptions ?? new()) with { Rank = rank, Dropout = dropout },
            XsName => Xs(parsed, before as LoraXsOptions ?? new()) with { Rank = rank, Dropout = dropout },
            _ => Plain(parsed, before as LoraOptions ?? new()) with
            {
                Rank = rank,
                Dropout = dropout,
                UseDora = method == DoraName,
            },
        };
    }

    private LoraOptions Plain(ParseResult parsed, LoraOptions before) => before with
    {
        Alpha = parsed.GetValue(_alpha) ?? before.Alpha,
        UseRsLora = parsed.GetValue(_rsLora) || before.UseRsLora,
        Start = parsed.GetValue(_start) ?? before.Start,
        RateRatioB = parsed.GetValue(_ratio) ?? before.RateRatioB,
    };

    private DeepLoraOptions Deep(ParseResult parsed, DeepLoraOptions before) => before with
    {
        Depth = parsed.GetValue(_depth) ?? before.Depth,
        Form = parsed.GetValue(_form) ?? before.Form,
        InitialScale = parsed.GetValue(_initialScale) ?? before.InitialScale,
        OuterRateRatio = parsed.GetValue(_gamma) ?? before.OuterRateRatio,
        CompressionBatches = parsed.GetValue(_compressionBatches) ?? before.CompressionBatches,
    };

    private LoraXsOptions Xs(ParseResult parsed, LoraXsOptions before) => before with
    {
        Alpha = parsed.GetValue(_alpha) ?? before.Alpha,
        InitialScale = parsed.GetValue(_initialScale) ?? before.InitialScale,
    };

    // An option that the chosen method does not have would be ignored: say so instead.
    private void RefuseForeign(ParseResult parsed, string method)
    {
        string[] plain = [LoraName, DoraName], factors = [LoraName, DoraName, DeepName, XsName];
        foreach (var (option, owners) in new (Option, string[])[]
        {
            (_rank, factors), (_dropout, factors), (_targets, factors), (_exclude, factors), (_minimumSize, factors),
            (_alpha, [.. plain, XsName]), (_rsLora, plain), (_start, plain), (_ratio, plain),
            (_depth, [DeepName]), (_form, [DeepName]), (_gamma, [DeepName]), (_compressionBatches, [DeepName]),
            (_initialScale, [DeepName, XsName]),
        })
        {
            if (parsed.GetResult(option) is { Implicit: false } && !owners.Contains(method))
            {
                throw new UsageException(
                    $"{option.Name} belongs to {string.Join(", ", owners)}: add '--adapter {owners[0]}', or leave it out.");
            }
        }

        if (method == HeadName && parsed.GetValue(_noTrainHead))
        {
            throw new UsageException("--adapter head-only trains nothing but the head: leave --no-train-head out.");
        }
    }
}
