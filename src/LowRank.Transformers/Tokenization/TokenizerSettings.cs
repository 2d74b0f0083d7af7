using System.Text.Json;

namespace LowRank.Transformers.Tokenization;

/// <summary>What <c>tokenizer_config.json</c> and <c>special_tokens_map.json</c> say; null for nothing.</summary>
internal sealed record TokenizerSettings
{
    private static readonly string[] Roles =
        ["cls_token", "sep_token", "pad_token", "unk_token", "mask_token", "bos_token", "eos_token"];

    // Configurations write "no limit" as 1e30.
    private const double NoLimit = 1e9;

    /// <summary>Whether text is lower-cased.</summary>
    public bool? LowerCase { get; init; }

    /// <summary>Whether accents go.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Whether ideographs are words.</summary>
    public bool? ChineseCharacters { get; init; }

    /// <summary>Whether a text gets a blank before it.</summary>
    public bool? AddPrefixSpace { get; init; }

    /// <summary>Whether decoded text is tidied.</summary>
    public bool? TidiesSpaces { get; init; }

    /// <summary>Whether truncation takes from the left.</summary>
    public bool TruncatesLeft { get; init; }

    /// <summary>The most tokens that the model was trained with.</summary>
    public int? MaximumLength { get; init; }

    /// <summary>How many sentinels such as <c>&lt;extra_id_0&gt;</c> stand behind T5's pieces.</summary>
    public int? SentinelCount { get; init; }

    /// <summary>Special tokens by role, such as <c>cls_token</c>.</summary>
    public IReadOnlyDictionary<string, string> Tokens { get; init; } = new Dictionary<string, string>();

    /// <summary>Tokens that were added to the vocabulary.</summary>
    public IReadOnlyList<AddedToken> Added { get; init; } = [];

    /// <summary>Reads whichever of the files is there.</summary>
    /// <exception cref="InvalidDataException">A file is malformed.</exception>
    public static TokenizerSettings Read(string folder)
    {
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        var map = Path.Combine(folder, "special_tokens_map.json");
        if (File.Exists(map))
        {
            ReadTokens(JsonFields.ReadObject(map), map, tokens);
        }

        var added = ReadAdded(Path.Combine(folder, "added_tokens.json"));
        var path = Path.Combine(folder, "tokenizer_config.json");
        if (!File.Exists(path))
        {
            return new() { Tokens = tokens, Added = added };
        }

        var config = JsonFields.ReadObject(path);
        ReadTokens(config, path, tokens);
        return new()
        {
            LowerCase = config.Flag("do_lower_case", path),
            StripAccents = config.Flag("strip_accents", path),
            ChineseCharacters = config.Flag("tokenize_chinese_chars", path),
            AddPrefixSpace = config.Flag("add_prefix_space", path),
            TidiesSpaces = config.Flag("clean_up_tokenization_spaces", path),
            TruncatesLeft = config.Text("truncation_side", path) == "left",
            MaximumLength = ReadLimit(config),
            SentinelCount = config.Field("extra_ids") is null ? null : Math.Max(0, config.Whole("extra_ids", path)),
            Tokens = tokens,
            Added = [.. added, .. ReadDecoder(config, path)],
        };
    }

    /// <summary>An added token from its object in <c>tokenizer.json</c> or <c>added_tokens_decoder</c>.</summary>
    public static AddedToken ReadToken(JsonElement token, int id, string path) => new(
        token.Text("content", path) ?? throw JsonFields.Fault(path, "added token", token, "a 'content'"),
        id,
        token.Flag("special", path) ?? false,
        token.Flag("single_word", path) ?? false,
        token.Flag("lstrip", path) ?? false,
        token.Flag("rstrip", path) ?? false,
        token.Flag("normalized", path) ?? true);

    private static int? ReadLimit(JsonElement config) =>
        config.Field("model_max_length") is { ValueKind: JsonValueKind.Number } limit
        && limit.TryGetDouble(out var value) && value is >= 1 and < NoLimit
            ? (int)value
            : null;

    private static void ReadTokens(JsonElement file, string path, Dictionary<string, string> tokens)
    {
        foreach (var role in Roles)
        {
            var content = file.Field(role) is { ValueKind: JsonValueKind.Object } token
                ? token.Text("content", path)
                : file.Text(role, path);
            if (content is not null)
            {
                tokens[role] = content;
            }
        }
    }

    private static List<AddedToken> ReadAdded(string path) =>
        File.Exists(path)
            ? [.. JsonFields.Vocabulary(JsonFields.ReadObject(path), path)
                .Select(entry => new AddedToken(entry.Key, entry.Value, IsSpecial: false, Normalized: true))]
            : [];

    private static IEnumerable<AddedToken> ReadDecoder(JsonElement config, string path)
    {
        if (config.Field("added_tokens_decoder") is not { ValueKind: JsonValueKind.Object } tokens)
        {
            yield break;
        }

        foreach (var entry in tokens.EnumerateObject())
        {
            yield return int.TryParse(entry.Name, out var id) && id is >= 0 and <= JsonFields.LargestId
                ? ReadToken(entry.Value, id, path)
                : throw new InvalidDataException(
                    $"{path}: added_tokens_decoder '{entry.Name}'; wanted an id of 0 or more.");
        }
    }
}
