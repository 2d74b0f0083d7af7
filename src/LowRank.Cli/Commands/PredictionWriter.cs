using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>Writes predictions as JSON lines or CSV, batch by batch.</summary>
internal sealed class PredictionWriter(TextClassifier classifier, TextWriter writer, bool csv, bool logits = false)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private bool IsNumber => classifier.Labels.Count == 0;

    /// <summary>Predicts for each example and writes a line for it, in order.</summary>
    /// <returns>How many there were.</returns>
    public int Write(IEnumerable<Example> examples, int batchSize, CancellationToken stop)
    {
        if (csv)
        {
            writer.WriteLine(IsNumber
                ? "row,score,truncated"
                : $"row,label,score,truncated{string.Concat(classifier.Labels.Select(label => $",{Quote($"p_{label}")}"))}");
        }

        var count = 0;
        foreach (var batch in examples.Chunk(batchSize))
        {
            stop.ThrowIfCancellationRequested();
            foreach (var prediction in classifier.Predict(batch))
            {
                count++;
                writer.WriteLine(csv ? CsvLine(count, prediction) : JsonLine(count, prediction));
            }

            writer.Flush();
        }

        return count;
    }

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
        return line.ToJsonString(Json);
    }

    private string CsvLine(int row, TextPrediction prediction)
    {
        var start = IsNumber ? $"{row},{Number(prediction.Score)}" : $"{row},{Quote(prediction.Label!)},{Number(prediction.Score)}";
        var rest = string.Concat(prediction.Probabilities.Select(one => $",{Number(one.Probability)}"));
        return $"{start},{(prediction.Truncated ? "true" : "false")}{rest}";
    }

    private static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
