using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LowRank.Transformers.Tokenization;

/// <summary>Vocabularies as Hugging Face's <c>tokenizer.json</c>.</summary>
internal static class TokenizerJsonWriter
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>T5's way.</summary>
    public static string Unigram(IReadOnlyList<(string Piece, double Score)> pieces) => Text(
        Added(pieces.Index().Where(entry => UnigramTrainer.IsSpecial(entry.Item.Piece)).Select(entry => (entry.Item.Piece, entry.Index))),
        normalizer: null,
        new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(Part("WhitespaceSplit"), Metaspace()) },
        Template([Sequence("A", 0), Special("</s>", 0)], [Sequence("B", 0), Special("</s>", 0)], [("</s>", UnigramTrainer.EndId)]),
        Metaspace(),
        new()
        {
            ["type"] = "Unigram",
            ["unk_id"] = UnigramTrainer.UnknownId,
            ["byte_fallback"] = false,
            ["vocab"] = new JsonArray([.. pieces.Select(piece => new JsonArray(piece.Piece, piece.Score))]),
        });

    /// <summary>BERT's way.</summary>
    /// <param name="pieces">The pieces by id.</param>
    /// <param name="specials">The special tokens among them, <c>[CLS]</c>, <c>[SEP]</c> and <c>[UNK]</c> at least.</param>
    /// <param name="lowerCase">Whether text is lower-cased and loses its accents.</param>
    public static string WordPiece(IReadOnlyList<string> pieces, IReadOnlyCollection<string> specials, bool lowerCase)
    {
        var ids = pieces.Index().ToDictionary(piece => piece.Item, piece => piece.Index, StringComparer.Ordinal);
        return Text(
            Added(specials.Select(token => (token, ids[token]))),
            Part("BertNormalizer", ("clean_text", true), ("handle_chinese_chars", true), ("strip_accents", null), ("lowercase", lowerCase)),
            Part("BertPreTokenizer"),
            Template(
                [Special("[CLS]", 0), Sequence("A", 0), Special("[SEP]", 0)],
                [Sequence("B", 1), Special("[SEP]", 1)],
                [("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])]),
            Part("WordPiece", ("prefix", "##"), ("cleanup", true)),
            new()
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = new JsonObject(ids.Select(piece => KeyValuePair.Create(piece.Key, (JsonNode?)piece.Value))),
            });
    }

    private static string Text(
        JsonArray added, JsonObject? normalizer, JsonObject preTokenizer, JsonObject postProcessor, JsonObject decoder, JsonObject model) =>
        new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = added,
            ["normalizer"] = normalizer,
            ["pre_tokenizer"] = preTokenizer,
            ["post_processor"] = postProcessor,
            ["decoder"] = decoder,
            ["model"] = model,
        }.ToJsonString(Json) + "\n";

    private static JsonArray Added(IEnumerable<(string Token, int Id)> tokens) =>
    [
        .. tokens.Select(token => new JsonObject
        {
            ["id"] = token.Id,
            ["content"] = token.Token,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        }),
    ];

    private static JsonObject Part(string type, params (string Name, JsonNode? Value)[] members) =>
        new(members.Select(member => KeyValuePair.Create(member.Name, member.Value)).Prepend(new("type", type)));

    // Both the name that older versions read and that of newer ones.
    private static JsonObject Metaspace() => Part(
        "Metaspace", ("replacement", "▁"), ("add_prefix_space", true), ("prepend_scheme", "always"), ("split", true));

    // The second text follows what is around the first.
    private static JsonObject Template(JsonObject[] first, JsonObject[] second, (string Token, int Id)[] tokens) => Part(
        "TemplateProcessing",
        ("single", new JsonArray([.. first.Select(piece => piece.DeepClone())])),
        ("pair", new JsonArray([.. first.Concat(second)])),
        ("special_tokens", new JsonObject(tokens.Select(token => KeyValuePair.Create(token.Token, (JsonNode?)new JsonObject
        {
            ["id"] = token.Token,
            ["ids"] = new JsonArray(token.Id),
            ["tokens"] = new JsonArray(token.Token),
        })))));

    private static JsonObject Special(string token, int type) =>
        new() { ["SpecialToken"] = new JsonObject { ["id"] = token, ["type_id"] = type } };

    private static JsonObject Sequence(string text, int type) =>
        new() { ["Sequence"] = new JsonObject { ["id"] = text, ["type_id"] = type } };
}
