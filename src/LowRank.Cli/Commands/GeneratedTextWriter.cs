using System.Globalization;
using System.Text.Json.Nodes;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Runs;

namespace LowRank.Cli.Commands;

/// <summary>Writes the texts that a model writes.</summary>
internal sealed class GeneratedTextWriter(TextGenerator generator, TextWriter writer, bool csv) : PredictionWriter(writer, csv)
{
    /// <summary>Writes texts beside their sources and references.</summary>
    public static void WriteJudged(ReferenceTexts judged, IReadOnlyList<string> texts, TextWriter writer, bool csv)
    {
        if (csv)
        {
            writer.WriteLine("source,text,reference");
        }

        for (var row = 0; row < texts.Count; row++)
        {
            var (source, references) = (judged.Sources[row], judged.References[row]);
            writer.WriteLine(csv
                ? $"{Quote(source)},{Quote(texts[row])},{Quote(references[0])}"
                : Text(new JsonObject
                {
                    ["source"] = source,
                    ["text"] = texts[row],
                    ["references"] = new JsonArray([.. references.Select(reference => (JsonNode?)reference)]),
                }));
        }
    }

    protected override string Header() => "row,text,truncated";

    protected override IEnumerable<string> Lines(Example[] examples, int row, bool csv, CancellationToken stop)
    {
        var texts = generator.Generate([.. examples.Select(example => example.Text)], cancellation: stop);
        return texts.Select((text, index) => csv
            ? string.Create(CultureInfo.InvariantCulture, $"{row + index},{Quote(text)},{Word(IsCut(examples[index]))}")
            : Text(new JsonObject { ["row"] = row + index, ["text"] = text, ["truncated"] = IsCut(examples[index]) }));
    }

    private bool IsCut(Example example) => generator.Encoder
        .Encode(generator.Options.Prefix + example.Text, maxLength: generator.Writing.SourceLength).Truncated;
}
