using System.Text.Json;

namespace LowRank.Transformers.Tokenization;

/// <summary>Reads the post-processor of a <c>tokenizer.json</c>: the special tokens around the texts.</summary>
internal static class TemplateJson
{
    /// <summary>The template.</summary>
    /// <param name="processor">The post-processor's object.</param>
    /// <param name="idOf">The id of a token; null when there is none.</param>
    /// <param name="path">The file, for faults.</param>
    /// <exception cref="InvalidDataException">The post-processor is of another type, or malformed.</exception>
    public static SequenceTemplate Read(JsonElement processor, Func<string, int?> idOf, string path) =>
        processor.Text("type", path) switch
        {
            "BertProcessing" => SequenceTemplate.Bert(IdIn(processor, "cls", path), IdIn(processor, "sep", path)),
            "RobertaProcessing" => SequenceTemplate.Roberta(IdIn(processor, "cls", path), IdIn(processor, "sep", path)),
            "TemplateProcessing" => new(
                Pieces(processor, "single", idOf, path), Pieces(processor, "pair", idOf, path)),
            "ByteLevel" => SequenceTemplate.Plain,
            "Sequence" => ReadSequence(processor, idOf, path),
            var other => throw new InvalidDataException(
                $"{path}: post_processor is of type '{other}'; wanted TemplateProcessing, BertProcessing, "
                + "RobertaProcessing or ByteLevel."),
        };

    // ByteLevel only mends offsets, so at most one member of a sequence has a template.
    private static SequenceTemplate ReadSequence(JsonElement processor, Func<string, int?> idOf, string path)
    {
        var members = processor.Items("processors", path)
            .Where(member => member.Text("type", path) != "ByteLevel")
            .ToList();
        return members.Count switch
        {
            0 => SequenceTemplate.Plain,
            1 => Read(members[0], idOf, path),
            _ => throw JsonFields.Fault(path, "post_processor", processor, "one template at most"),
        };
    }

    private static int IdIn(JsonElement processor, string name, string path) =>
        processor.Field(name) is { ValueKind: JsonValueKind.Array } pair
        && pair.GetArrayLength() == 2
            ? pair[1].Id($"post_processor {name}", path)
            : throw JsonFields.Fault(path, $"post_processor {name}", processor.Field(name), "a token and its id");

    private static List<SequenceTemplate.Piece> Pieces(
        JsonElement processor, string name, Func<string, int?> idOf, string path)
    {
        var pieces = new List<SequenceTemplate.Piece>();
        foreach (var item in processor.Items(name, path))
        {
            if (item.Field("SpecialToken") is { } special)
            {
                var token = special.Text("id", path) ?? "";
                pieces.AddRange(IdsOf(processor, token, idOf, path).Select(id => new SequenceTemplate.Piece(
                    SequenceTemplate.Source.Special, id, special.Whole("type_id", path))));
            }
            else if (item.Field("Sequence") is { } text)
            {
                var source = text.Text("id", path) switch
                {
                    "A" => SequenceTemplate.Source.First,
                    "B" => SequenceTemplate.Source.Second,
                    _ => throw JsonFields.Fault(path, $"post_processor {name}", item, "a sequence A or B"),
                };
                pieces.Add(new(source, 0, text.Whole("type_id", path)));
            }
            else
            {
                throw JsonFields.Fault(path, $"post_processor {name}", item, "a SpecialToken or a Sequence");
            }
        }

        return pieces;
    }

    private static IEnumerable<int> IdsOf(
        JsonElement processor, string token, Func<string, int?> idOf, string path)
    {
        if (processor.Field("special_tokens")?.Field(token) is { } listed)
        {
            return listed.Items("ids", path).Select(id => id.Id($"post_processor '{token}'", path));
        }

        return idOf(token) is { } known
            ? [known]
            : throw new InvalidDataException($"{path}: post_processor '{token}' is in no vocabulary; wanted its id.");
    }
}
