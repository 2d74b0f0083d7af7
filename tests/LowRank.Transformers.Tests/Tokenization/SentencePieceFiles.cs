using System.Text;
using System.Text.Json;
using LowRank.Testing;

namespace LowRank.Transformers.Tests.Tokenization;

/// <summary>Writes Unigram vocabularies as <c>spiece.model</c> and as <c>tokenizer.json</c>.</summary>
internal static class SentencePieceFiles
{
    /// <summary>T5's golden pieces under their ids; ids that were cut away have pieces that no text holds.</summary>
    public static List<(string Piece, double Score)> GoldenPieces()
    {
        var pieces = Enumerable.Range(0, 32000).Select(id => ($"\uFFFF{id}", 0.0)).ToList();
        foreach (var piece in GoldenFile.ReadJson("tokenization/t5-small/pieces.json").EnumerateObject())
        {
            pieces[piece.Value[0].GetInt32()] = (piece.Name, piece.Value[1].GetDouble());
        }

        return pieces;
    }

    public static byte[] GoldenMap() => File.ReadAllBytes(GoldenFile.Find("tokenization/t5-small/nmt_nfkc.bin"));

    /// <summary>A model whose third piece is the unknown one and whose first two are control pieces.</summary>
    public static byte[] Model(
        IReadOnlyList<(string Piece, double Score)> pieces, byte[]? map = null, int type = 1, bool byteFallback = false)
    {
        using var model = new MemoryStream();
        for (var id = 0; id < pieces.Count; id++)
        {
            using var piece = new MemoryStream();
            Write(piece, 1, Encoding.UTF8.GetBytes(pieces[id].Piece));
            piece.WriteByte((2 << 3) | 5);
            piece.Write(BitConverter.GetBytes((float)pieces[id].Score));
            Write(piece, 3, id switch { 0 or 1 => 3, 2 => 2, _ => 1 });
            Write(model, 1, piece.ToArray());
        }

        using var training = new MemoryStream();
        Write(training, 3, type);
        Write(training, 35, byteFallback ? 1 : 0);
        Write(training, 40, 2);
        Write(model, 2, training.ToArray());
        using var normalization = new MemoryStream();
        Write(normalization, 1, "some"u8.ToArray());
        Write(normalization, 2, map ?? []);
        Write(model, 3, normalization.ToArray());
        return model.ToArray();
    }

    /// <summary>T5's <c>tokenizer.json</c> with a hundred sentinels.</summary>
    public static string Json(IReadOnlyList<(string Piece, double Score)> pieces, byte[] map)
    {
        var sentinels = Enumerable.Range(0, 100).Select(i => $"<extra_id_{99 - i}>").ToList();
        var vocabulary = pieces.Concat(sentinels.Select(name => (name, 0.0)))
            .Select(piece => new object[] { piece.Item1, piece.Item2 });
        string[] specials = ["<pad>", "</s>", "<unk>"];
        var added = specials.Select((content, id) => (content, id))
            .Concat(sentinels.Select((content, i) => (content, id: pieces.Count + i)));
        return JsonSerializer.Serialize(new
        {
            added_tokens = added.Select(token => new { token.id, token.content, special = true, normalized = false }),
            normalizer = new { type = "Precompiled", precompiled_charsmap = Convert.ToBase64String(map) },
            pre_tokenizer = new
            {
                type = "Sequence",
                pretokenizers = new object[]
                {
                    new { type = "WhitespaceSplit" },
                    new { type = "Metaspace", replacement = "▁", add_prefix_space = true },
                },
            },
            post_processor = new
            {
                type = "TemplateProcessing",
                single = new object[]
                {
                    new { Sequence = new { id = "A", type_id = 0 } },
                    new { SpecialToken = new { id = "</s>", type_id = 0 } },
                },
            },
            model = new { type = "Unigram", unk_id = 2, vocab = vocabulary },
        });
    }

    private static void Write(Stream stream, int field, byte[] bytes)
    {
        Varint(stream, (field << 3) | 2);
        Varint(stream, bytes.Length);
        stream.Write(bytes);
    }

    private static void Write(Stream stream, int field, int value)
    {
        Varint(stream, field << 3);
        Varint(stream, value);
    }

    private static void Varint(Stream stream, int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }
}
