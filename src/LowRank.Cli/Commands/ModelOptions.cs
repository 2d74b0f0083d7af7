using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.Completion;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>The options that say what is fitted, and how.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _method = new("--method")
    {
        Description = "bayes: learns its own weights, nothing to tune. descent: the paper's gradient descent.",
        DefaultValueFactory = _ => "bayes",
        HelpName = "bayes|descent",
    };

    private readonly Option<int?> _rank = new("--rank")
    {
        Description = "Directions beyond the biases; an over-estimate is harmless. 0 fits the biases alone. [default: 32, or the smaller side]",
        HelpName = "R",
    };

    private readonly Option<bool> _noBiases = new("--no-biases")
    {
        Description = "Leave out the mean and the row and column biases: for matrices that are low-rank as they are.",
    };

    private readonly Option<bool> _noClamp = new("--no-clamp")
    {
        Description = "Let predictions leave the range of the values seen.",
    };

    private readonly Option<double> _validation = new("--validation")
    {
        Description = "The share of entries that decides when to stop; bayes learns from them in the end.",
        DefaultValueFactory = _ => 0.05,
        HelpName = "SHARE",
    };

    private readonly Option<int?> _maxSteps = new("--max-steps")
    {
        Description = "Sweeps (bayes) or gradient steps (descent) at most. [default: 100, or 100000]",
        HelpName = "N",
    };

    private readonly Option<string?> _precision = new("--precision")
    {
        Description = "Number format of the inner loops. [default: float64; bayes on over 2 million entries: float32]",
        HelpName = "float32|float64",
    };

    private readonly Option<int?> _depth = new("--depth")
    {
        Description = "descent: number of inner factors. [default: 3]",
        HelpName = "L",
    };

    private readonly Option<double?> _gamma = new("--gamma")
    {
        Description = "descent: the outer factors' rate as a share of the inner ones'. [default: 0.01]",
        HelpName = "G",
    };

    private readonly Option<double?> _initialScale = new("--initial-scale")
    {
        Description = "descent: epsilon, where the inner factors start. [default: 0.001]",
        HelpName = "E",
    };

    private readonly Option<double?> _stepSize = new("--step-size")
    {
        Description = "descent: step for half the sum of squares. [default: from the data]",
        HelpName = "ETA",
    };

    private readonly Option<double?> _weightDecay = new("--weight-decay")
    {
        Description = "descent: L2 on every factor. [default: 0]",
        HelpName = "LAMBDA",
    };

    private readonly Option<double?> _tolerance = new("--tolerance")
    {
        Description = "bayes: stop when a sweep gains a smaller share. [default: 0.0005] descent: stop below this loss. [default: 1e-10]",
        HelpName = "X",
    };

    private readonly Option<DescentStart> _start = new("--start")
    {
        Description = "descent: compressed out of the data, or random and narrow.",
        HelpName = "compressed|narrow",
    };

    public void AddTo(Command command)
    {
        _method.AcceptOnlyFromAmong("bayes", "descent");
        _precision.AcceptOnlyFromAmong("float32", "float64");
        foreach (var option in new Option[]
        {
            _method, _rank, _noBiases, _noClamp, _validation, _maxSteps, _tolerance, _precision, _depth, _gamma,
            _initialScale, _stepSize, _weightDecay, _start,
        })
        {
            command.Add(option);
        }
    }

    public MatrixCompletionOptions Read(ParseResult parsed, long seed, int threads) => new()
    {
        Rank = parsed.GetValue(_rank),
        Biases = !parsed.GetValue(_noBiases),
        Clamp = !parsed.GetValue(_noClamp),
        Validation = parsed.GetValue(_validation),
        Seed = Seed.From(seed),
        Threads = threads,
        Method = parsed.GetValue(_method) == "descent" ? Descent(parsed) : Bayes(parsed),
    };

    private VariationalBayes Bayes(ParseResult parsed)
    {
        foreach (var option in new Option[] { _depth, _gamma, _initialScale, _stepSize, _weightDecay, _start })
        {
            if (parsed.GetResult(option) is { Implicit: false })
            {
                throw new UsageException($"{option.Name} belongs to gradient descent: add '--method descent', or leave it out.");
            }
        }

        var defaults = new VariationalBayes();
        return defaults with
        {
            Precision = Precision(parsed),
            MaxSweeps = parsed.GetValue(_maxSteps) ?? defaults.MaxSweeps,
            Tolerance = parsed.GetValue(_tolerance) ?? defaults.Tolerance,
        };
    }

    private CompressedDescent Descent(ParseResult parsed)
    {
        var defaults = new CompressedDescent();
        return defaults with
        {
            Precision = Precision(parsed),
            Depth = parsed.GetValue(_depth) ?? defaults.Depth,
            Gamma = parsed.GetValue(_gamma) ?? defaults.Gamma,
            InitialScale = parsed.GetValue(_initialScale) ?? defaults.InitialScale,
            StepSize = parsed.GetValue(_stepSize),
            WeightDecay = parsed.GetValue(_weightDecay) ?? defaults.WeightDecay,
            MaxSteps = parsed.GetValue(_maxSteps) ?? defaults.MaxSteps,
            Tolerance = parsed.GetValue(_tolerance) ?? defaults.Tolerance,
            Start = parsed.GetValue(_start),
        };
    }

    private CompletionPrecision Precision(ParseResult parsed) => parsed.GetValue(_precision) switch
    {
        "float32" => CompletionPrecision.Float32,
        "float64" => CompletionPrecision.Float64,
        _ => CompletionPrecision.Automatic,
    };
}
