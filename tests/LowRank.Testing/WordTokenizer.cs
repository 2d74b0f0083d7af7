using System.Text.Json;

namespace LowRank.Testing;

/// <summary>A tokenizer for tiny T5s: a special token or two, and the words w3, w4 and so on under their own ids.</summary>
public static class WordTokenizer
{
    /// <summary>The text of its <c>tokenizer.json</c>.</summary>
    /// <param name="count">Ids, the three special ones included.</param>
    /// <param name="ends">Whether an end token goes behind each text, as T5 wants it.</param>
    /// <returns>JSON.</returns>
    public static string Json(int count, bool ends = true)
    {
        string[] pieces = ["<pad>", "</s>", "<unk>", .. Enumerable.Range(3, count - 3).Select(id => $"▁w{id}")];
        object text = new { Sequence = new { id = "A", type_id = 0 } };
        object end = new { SpecialToken = new { id = "</s>", type_id = 0 } };
        return JsonSerializer.Serialize(new
        {
            added_tokens = pieces.Take(3).Select((content, id) => new { id, content, special = true, normalized = false }),
            pre_tokenizer = new { type = "Metaspace", replacement = "▁" },
            post_processor = new { type = "TemplateProcessing", single = ends ? new[] { text, end } : [text] },
            model = new { type = "Unigram", unk_id = 2, vocab = pieces.Select(piece => new object[] { piece, -1.0 }) },
        });
    }
}
