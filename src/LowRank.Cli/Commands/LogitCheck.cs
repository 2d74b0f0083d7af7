using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>Compares what two forms of one model say about the same texts.</summary>
internal sealed class LogitCheck
{
    /// <summary>The largest difference of single-precision logits that rounding explains.</summary>
    public const double Tolerance = 1e-4;

    private const int MostRows = 64;

    private static readonly string[] Sentences =
    [
        "The film was great, and we would see it again.", "It was dull from beginning to end.", "Is this what you asked for?",
        "A man plays the guitar on a street.", "Prices rose by 3.5 % in May.", "no", "The service was fine; the food, less so.",
        "He did not say that it would never work, but he thought so.", "Wonderful!", "We saw it twice and left early both times.",
    ];

    private readonly IReadOnlyList<Example> _texts;
    private readonly IReadOnlyList<IReadOnlyList<double>> _expected;

    /// <summary>Asks the model, as it is now.</summary>
    public LogitCheck(FineTunedModel model, Screen screen)
    {
        (_texts, var source) = Texts(model.Run);
        _expected = model.Logits(_texts);
        Largest = _expected.SelectMany(row => row).Max(Math.Abs);
        screen.Note($"compared on {_texts.Count} {source}");
    }

    /// <summary>How many texts are compared.</summary>
    public int Count => _texts.Count;

    /// <summary>The largest logit, in absolute value.</summary>
    public double Largest { get; }

    /// <summary>What the model says now, against what was said before: the largest difference.</summary>
    public double Against(FineTunedModel model) =>
        _expected.Zip(model.Logits(_texts), (before, now) => before.Zip(now, (a, b) => Math.Abs(a - b)).Max()).Max();

    /// <summary>The largest difference that a number format explains.</summary>
    public double Allowed(TensorDtype dtype) => dtype switch
    {
        TensorDtype.F16 => 0.01 * Math.Max(1, Largest),
        TensorDtype.BF16 => 0.1 * Math.Max(1, Largest),
        _ => Tolerance,
    };

    public static string Number(double value) => value.ToString("0.0e+00", CultureInfo.InvariantCulture);

    private static (IReadOnlyList<Example> Texts, string Source) Texts(FineTuneOptions? run)
    {
        try
        {
            if (run?.Data is { } data)
            {
                var rows = data.Read(run.Training.Seed).Validation.Examples;
                return ([.. rows.Take(MostRows)], $"validation rows of {Path.GetFileName(data.ValidationFile ?? data.TrainingFile)}");
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ArgumentException)
        {
            // The rows are no longer what the run read: built-in sentences do as well.
        }

        return ([.. Sentences.Select(sentence => new Example(sentence))], "built-in sentences");
    }
}
