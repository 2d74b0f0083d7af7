using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.FineTuning.Metrics.Generation;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>How well a model did on rows.</summary>
/// <param name="Scores">The scores.</param>
/// <param name="Loss">The loss; null where scores say enough.</param>
/// <param name="Unit">What was counted.</param>
internal sealed record Judgement(EvaluationScores Scores, double? Loss, string Unit)
{
    private const int BatchSize = 64;

    /// <summary>All numbers by name, the loss first.</summary>
    public IReadOnlyDictionary<string, double> Values => Loss is { } loss
        ? new OrderedDictionary<string, double>(Scores.Values.Prepend(new(Metric.Loss.Name, loss)))
        : Scores.Values;

    /// <summary>Judges, and writes the predictions where a file for them is named.</summary>
    public static Judgement Of(
        FineTunedModel model, ExampleSet rows, string? predictions, WordNet? synonyms, CancellationToken stop)
    {
        if (model is TextGenerator generator)
        {
            return OfTexts(generator, rows, predictions, synonyms, stop);
        }

        if (predictions is not null)
        {
            Write(predictions, (writer, csv) => PredictionWriter.For(model, writer, csv).Write(rows.Examples, BatchSize, stop));
        }

        return new(model.Evaluate(rows), null, "rows");
    }

    private static Judgement OfTexts(
        TextGenerator generator, ExampleSet rows, string? predictions, WordNet? synonyms, CancellationToken stop)
    {
        var references = ReferenceTexts.Of(rows.Examples);
        var loss = generator.Loss(rows);
        var texts = generator.Generate(references.Sources, cancellation: stop);
        if (predictions is not null)
        {
            Write(predictions, (writer, csv) => GeneratedTextWriter.WriteJudged(references, texts, writer, csv));
        }

        return new(GenerationScores.Of(texts, references.References, synonyms: synonyms), loss, "different sources");
    }

    private static void Write(string path, Action<TextWriter, bool> write) => AtomicFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        write(writer, path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase));
    });
}
