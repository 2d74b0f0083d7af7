using System.Text.Json;

namespace LowRank.Transformers.Tokenization;

/// <summary>The parts of a <c>tokenizer.json</c> that only a Unigram model has.</summary>
internal static class UnigramJson
{
    private const string SeveralBlanks = " {2,}";

    /// <summary>Pieces and scores; the position is the id.</summary>
    /// <exception cref="InvalidDataException">The vocabulary is not a list of pairs.</exception>
    public static List<(string Piece, double Score)> Pieces(JsonElement model, string path)
    {
        var pieces = new List<(string, double)>();
        foreach (var item in model.Items("vocab", path))
        {
            pieces.Add(item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2
                && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.Number
                ? (item[0].GetString()!, item[1].GetDouble())
                : throw JsonFields.Fault(path, "a piece of vocab", item, "a text and its score"));
        }

        return pieces.Count > 0 ? pieces : throw new InvalidDataException($"{path}: the vocabulary is empty.");
    }

    /// <summary>How the text is prepared.</summary>
    /// <exception cref="InvalidDataException">A part is malformed, or of a type that is not built here.</exception>
    public static UnigramOptions Options(
        JsonElement root, JsonElement model, List<(string Piece, double Score)> pieces, string path)
    {
        var unknown = model.Whole("unk_id", path);
        if (unknown < 0 || unknown >= pieces.Count)
        {
            throw JsonFields.Fault(path, "model unk_id", model.Field("unk_id"), $"an id below {pieces.Count}");
        }

        var steps = root.Field("normalizer") is { } normalizer ? Steps(normalizer, path).ToArray() : [];
        var options = new UnigramOptions
        {
            UnknownToken = pieces[unknown].Piece,
            ByteFallback = model.Flag("byte_fallback", path) ?? false,
            CollapsesSpaces = false,
            Normalize = text => steps.Aggregate(text, (current, step) => step(current)),
        };
        var parts = root.Field("pre_tokenizer") is { } given ? Members(given, "pretokenizers", path).ToArray() : [];
        var hasBlanks = false;
        foreach (var part in parts)
        {
            var type = part.Text("type", path);
            hasBlanks |= type == "Metaspace";
            options = type switch
            {
                "WhitespaceSplit" when !hasBlanks => options with { CollapsesSpaces = true },
                "Metaspace" => Metaspace(part, options, path),
                _ => throw JsonFields.Fault(path, "pre_tokenizer", part, "WhitespaceSplit, then Metaspace"),
            };
        }

        return hasBlanks
            ? options
            : throw JsonFields.Fault(path, "pre_tokenizer", root.Field("pre_tokenizer"), "a Metaspace");
    }

    private static UnigramOptions Metaspace(JsonElement part, UnigramOptions options, string path)
    {
        if ((part.Text("replacement", path) ?? "▁") != "▁" || part.Flag("split", path) == false)
        {
            throw JsonFields.Fault(path, "pre_tokenizer", part, "a Metaspace that splits at '▁'");
        }

        var scheme = part.Text("prepend_scheme", path)
            ?? (part.Flag("add_prefix_space", path) == false ? "never" : "always");
        return scheme is "always" or "first" or "never"
            ? options with { AddsPrefixSpace = scheme != "never", PrefixesOnlyFirst = scheme == "first" }
            : throw JsonFields.Fault(path, "prepend_scheme", part.Field("prepend_scheme"), "always, first or never");
    }

    private static IEnumerable<Func<string, string>> Steps(JsonElement normalizer, string path)
    {
        foreach (var member in Members(normalizer, "normalizers", path))
        {
            yield return member.Text("type", path) switch
            {
                "Precompiled" => Map(member, path),
                "Strip" => Strip(member, path),
                "Replace" => Replace(member, path),
                _ => throw JsonFields.Fault(
                    path, "normalizer", member, "Precompiled, Strip or Replace, the only ones built here for Unigram"),
            };
        }
    }

    private static Func<string, string> Map(JsonElement part, string path)
    {
        var text = part.Text("precompiled_charsmap", path) ?? "";
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? CharacterMap.Read(bytes.AsSpan(0, length)).Normalize
            : throw JsonFields.Fault(path, "precompiled_charsmap", part.Field("precompiled_charsmap"), "base64");
    }

    private static Func<string, string> Strip(JsonElement part, string path)
    {
        var left = part.Flag("strip_left", path) ?? true;
        var right = part.Flag("strip_right", path) ?? true;
        return text =>
        {
            text = left ? text.TrimStart() : text;
            return right ? text.TrimEnd() : text;
        };
    }

    private static Func<string, string> Replace(JsonElement part, string path)
    {
        var content = part.Text("content", path) ?? "";
        var pattern = part.Field("pattern") ?? default;
        if (pattern.Text("String", path) is { Length: > 0 } literal)
        {
            return text => text.Replace(literal, content, StringComparison.Ordinal);
        }

        return pattern.Text("Regex", path) == SeveralBlanks
            ? text => System.Text.RegularExpressions.Regex.Replace(text, SeveralBlanks, _ => content)
            : throw JsonFields.Fault(path, "normalizer Replace", part, $"a text, or the pattern '{SeveralBlanks}'");
    }

    private static IEnumerable<JsonElement> Members(JsonElement part, string list, string path) =>
        part.Text("type", path) == "Sequence"
            ? part.Items(list, path).SelectMany(member => Members(member, list, path))
            : [part];
}
