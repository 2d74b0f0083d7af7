using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>Writes predictions as JSON lines or CSV, batch by batch.</summary>
internal abstract class PredictionWriter(TextWriter writer, bool csv)
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The writer for a model's kind.</summary>
    public static PredictionWriter For(FineTunedModel model, TextWriter writer, bool csv, bool logits = false) =>
        model is TextGenerator generator
            ? new GeneratedTextWriter(generator, writer, csv)
            : new LabelWriter((TextClassifier)model, writer, csv, logits);

    /// <summary>Predicts for each example and writes a line for it, in order.</summary>
    /// <returns>How many there were.</returns>
    public int Write(IEnumerable<Example> examples, int batchSize, CancellationToken stop)
    {
        if (csv)
        {
            writer.WriteLine(Header());
        }

        var count = 0;
        foreach (var batch in examples.Chunk(batchSize))
        {
            stop.ThrowIfCancellationRequested();
            foreach (var line in Lines(batch, count + 1, csv, stop))
            {
                count++;
                writer.WriteLine(line);
            }

            writer.Flush();
        }

        return count;
    }

    /// <summary>The names of the CSV's columns.</summary>
    protected abstract string Header();

    /// <summary>A line for each example, the first of them this row.</summary>
    protected abstract IEnumerable<string> Lines(Example[] examples, int row, bool csv, CancellationToken stop);

    protected static string Text(JsonObject line) => line.ToJsonString(Json);

    protected static string Quote(string text) =>
        text.AsSpan().IndexOfAny(",\"\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    protected static string Word(bool value) => value ? "true" : "false";
}
