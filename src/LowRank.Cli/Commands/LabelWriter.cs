using System.Globalization;
using System.Text.Json.Nodes;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>Writes a classifier's labels with their probabilities, or its numbers.</summary>
internal sealed class LabelWriter(TextClassifier classifier, TextWriter writer, bool csv, bool logits)
    : PredictionWriter(writer, csv)
{
    private bool IsNumber => classifier.Labels.Count == 0;

    /// <summary>One prediction for people, or as JSON.</summary>
    public static void Show(TextPrediction prediction, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new
            {
                prediction.Label,
                prediction.Score,
                Probabilities = prediction.Probabilities.ToDictionary(one => one.Label, one => one.Probability),
                prediction.Tokens,
                prediction.Truncated,
            }));
            return;
        }

        var screen = new Screen();
        if (prediction.Truncated)
        {
            screen.Note($"The text is longer than the model reads: only its first {prediction.Tokens} tokens were.");
        }

        if (prediction.Label is null)
        {
            screen.Line(prediction.Score.ToString("0.0000", CultureInfo.InvariantCulture));
            return;
        }

        screen.Table(
            ["label", "probability"],
            prediction.Probabilities.OrderByDescending(one => one.Probability)
                .Select(one => new[] { one.Label, one.Probability.ToString("0.0000", CultureInfo.InvariantCulture) }));
    }

    protected override string Header() => IsNumber
        ? "row,score,truncated"
        : $"row,label,score,truncated{string.Concat(classifier.Labels.Select(label => $",{Quote($"p_{label}")}"))}";

    protected override IEnumerable<string> Lines(Example[] examples, int row, bool csv, CancellationToken stop) =>
        classifier.Predict(examples)
            .Select((prediction, index) => csv ? CsvLine(row + index, prediction) : JsonLine(row + index, prediction));

    private string JsonLine(int row, TextPrediction prediction)
    {
        var line = new JsonObject { ["row"] = row };
        if (prediction.Label is not null)
        {
            line["label"] = prediction.Label;
        }

        line["score"] = prediction.Score;
        if (prediction.Label is not null)
        {
            line["probabilities"] = new JsonObject(
                prediction.Probabilities.Select(one => KeyValuePair.Create(one.Label, (JsonNode?)one.Probability)));
        }

        if (logits)
        {
            line["logits"] = new JsonArray([.. prediction.Logits.Select(logit => (JsonNode?)logit)]);
        }

        line["truncated"] = prediction.Truncated;
        return Text(line);
    }

    private string CsvLine(int row, TextPrediction prediction)
    {
        var start = IsNumber ? $"{row},{Number(prediction.Score)}" : $"{row},{Quote(prediction.Label!)},{Number(prediction.Score)}";
        var rest = string.Concat(prediction.Probabilities.Select(one => $",{Number(one.Probability)}"));
        return $"{start},{Word(prediction.Truncated)}{rest}";
    }

    private static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
