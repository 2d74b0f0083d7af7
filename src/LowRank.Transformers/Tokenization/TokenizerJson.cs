using System.Text.Json;

namespace LowRank.Transformers.Tokenization;

/// <summary>Encoders from Hugging Face's <c>tokenizer.json</c>; parts that are not understood are refused.</summary>
internal sealed class TokenizerJson
{
    private readonly string _path;
    private readonly JsonElement _root;
    private readonly JsonElement _model;
    private readonly TokenizerSettings _settings;
    private readonly List<(string Piece, double Score)> _pieces;
    private readonly Dictionary<string, int> _vocabulary;
    private readonly List<AddedToken> _added;

    private TokenizerJson(string path, JsonElement root, JsonElement model, TokenizerSettings settings)
    {
        _path = path;
        _root = root;
        _model = model;
        _settings = settings;
        _pieces = TypeOf(model, path) == "Unigram" ? UnigramJson.Pieces(model, path) : [];
        _vocabulary = _pieces.Count > 0 ? Numbered(_pieces) : JsonFields.Vocabulary(model.Field("vocab"), path);
        _added = [.. root.Items("added_tokens", path).Select(token => TokenizerSettings.ReadToken(
            token, (token.Field("id") ?? default).Id("added token id", path), path))];
    }

    /// <summary>The encoder that the file describes.</summary>
    /// <exception cref="InvalidDataException">The file is malformed, or asks for what is not built here.</exception>
    public static TextEncoder Read(string path, TokenizerSettings settings)
    {
        var root = JsonFields.ReadObject(path);
        if (root.Field("model") is not { ValueKind: JsonValueKind.Object } model)
        {
            throw JsonFields.Fault(path, "model", root.Field("model"), "an object");
        }

        var type = TypeOf(model, path);
        try
        {
            return type switch
            {
                "WordPiece" => new TokenizerJson(path, root, model, settings).WordPiece(),
                "BPE" => new TokenizerJson(path, root, model, settings).ByteLevel(),
                "Unigram" => new TokenizerJson(path, root, model, settings).Unigram(),
                _ => throw new InvalidDataException(
                    $"{path}: the model is of type '{type}'; wanted WordPiece, byte-level BPE or Unigram."),
            };
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException($"{path}: {fault.Message}", fault);
        }
    }

    // Files of early versions leave the type out.
    private static string TypeOf(JsonElement model, string path) =>
        model.Text("type", path)
        ?? (model.Field("merges") is not null ? "BPE"
            : model.Field("vocab") is { ValueKind: JsonValueKind.Array } ? "Unigram"
            : "WordPiece");

    private WordPieceEncoder WordPiece()
    {
        var preTokenizer = _root.Field("pre_tokenizer");
        Demand(preTokenizer, "pre_tokenizer", "BertPreTokenizer");
        var normalizer = _root.Field("normalizer");
        var hasNormalizer = normalizer is not null;
        if (normalizer is { } present)
        {
            Demand(present, "normalizer", "BertNormalizer");
        }

        bool Flag(string name, bool absent) =>
            normalizer is { } given ? given.Flag(name, _path) ?? absent : false;
        var options = new WordPieceOptions
        {
            LowerCase = _settings.LowerCase ?? Flag("lowercase", true),
            StripAccents = _settings.StripAccents
                ?? (hasNormalizer ? normalizer?.Flag("strip_accents", _path) : false),
            CleanText = Flag("clean_text", true),
            ChineseCharacters = _settings.ChineseCharacters ?? Flag("handle_chinese_chars", true),
            UnknownToken = _model.Text("unk_token", _path) ?? "[UNK]",
            ContinuationPrefix = _model.Text("continuing_subword_prefix", _path) ?? "##",
            LongestWord = _model.Field("max_input_chars_per_word") is null
                ? 100
                : _model.Whole("max_input_chars_per_word", _path),
        };
        var tidies = _root.Field("decoder")?.Flag("cleanup", _path) ?? true;
        return new(_vocabulary, options, Parts(), tidies);
    }

    private ByteLevelBpeEncoder ByteLevel()
    {
        if (_root.Field("normalizer") is { } normalizer)
        {
            throw Refusal("normalizer", normalizer, "none");
        }

        var preTokenizer = _root.Field("pre_tokenizer");
        Demand(preTokenizer, "pre_tokenizer", "ByteLevel");
        RefuseText("continuing_subword_prefix");
        RefuseText("end_of_word_suffix");
        if (_model.Flag("byte_fallback", _path) == true)
        {
            throw new InvalidDataException($"{_path}: model byte_fallback is true; wanted a byte-level vocabulary.");
        }

        if (preTokenizer?.Flag("use_regex", _path) == false)
        {
            throw new InvalidDataException($"{_path}: pre_tokenizer use_regex is false; wanted GPT-2's word pattern.");
        }

        var options = new ByteLevelBpeOptions
        {
            AddPrefixSpace = _settings.AddPrefixSpace ?? preTokenizer?.Flag("add_prefix_space", _path) ?? true,
            IgnoreMerges = _model.Flag("ignore_merges", _path) ?? false,
        };
        return new(_vocabulary, [.. _model.Items("merges", _path).Select(Merge)], options, Parts());
    }

    private UnigramEncoder Unigram() => new(_pieces, UnigramJson.Options(_root, _model, _pieces, _path), Parts());

    private static Dictionary<string, int> Numbered(List<(string Piece, double Score)> pieces)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < pieces.Count; id++)
        {
            ids[pieces[id].Piece] = id;
        }

        return ids;
    }

    private EncoderParts Parts()
    {
        var postProcessor = _root.Field("post_processor");
        return new()
        {
            Added = _added,
            Template = postProcessor is { } given ? TemplateJson.Read(given, IdOf, _path) : SequenceTemplate.Plain,
            Specials = SpecialTokenNames.Resolve(IdOf, _settings),
            TidiesSpaces = _settings.TidiesSpaces ?? true,
            TruncatesLeft = _settings.TruncatesLeft,
            MaximumLength = _settings.MaximumLength,
            Origin = _path,
        };
    }

    private int? IdOf(string token) =>
        _added.FirstOrDefault(added => added.Content == token)?.Id
        ?? (_vocabulary.TryGetValue(token, out var id) ? id : null);

    // Older files write "a b", newer ones ["a", "b"].
    private (string Left, string Right) Merge(JsonElement merge)
    {
        var pieces = merge.ValueKind switch
        {
            JsonValueKind.String => merge.GetString()?.Split(' ') ?? [],
            JsonValueKind.Array when merge.EnumerateArray().All(piece => piece.ValueKind == JsonValueKind.String) =>
                [.. merge.EnumerateArray().Select(piece => piece.GetString() ?? "")],
            _ => Array.Empty<string>(),
        };
        return pieces is [var left, var right]
            ? (left, right)
            : throw JsonFields.Fault(_path, "a merge", merge, "two pieces");
    }

    private void Demand(JsonElement? part, string name, string type)
    {
        if (part?.Text("type", _path) != type)
        {
            throw Refusal(name, part, type);
        }
    }

    private void RefuseText(string name)
    {
        if (!string.IsNullOrEmpty(_model.Text(name, _path)))
        {
            throw Refusal("model " + name, _model.Field(name), "none");
        }
    }

    private InvalidDataException Refusal(string name, JsonElement? got, string wanted) =>
        JsonFields.Fault(_path, name, got, $"{wanted}, the only one built here for this kind of model");
}
