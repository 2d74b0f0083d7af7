using System.Buffers.Binary;
using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>A Unigram vocabulary as SentencePiece's own file, a message in Protocol Buffers' wire format.</summary>
internal static class SentencePieceWriter
{
    private const int Unigram = 1;
    private const int UnknownType = 2;
    private const int ControlType = 3;
    private const int NoId = -1;

    /// <summary>The file; sentinels are left out, as in T5's, since whoever reads it adds them.</summary>
    public static byte[] Write(IEnumerable<(string Piece, double Score)> pieces)
    {
        using var message = new MemoryStream();
        var count = 0;
        foreach (var (piece, score) in pieces.Where(piece => !UnigramTrainer.IsSentinel(piece.Piece)))
        {
            Append(message, 1, stream =>
            {
                Append(stream, 1, text => text.Write(Encoding.UTF8.GetBytes(piece)));
                Append(stream, 2, (float)score);
                if (UnigramTrainer.IsSpecial(piece))
                {
                    Append(stream, 3, piece == "<unk>" ? UnknownType : ControlType);
                }
            });
            count++;
        }

        Append(message, 2, stream => // trainer_spec
        {
            Append(stream, 3, Unigram);
            Append(stream, 4, count);
            Append(stream, 40, UnigramTrainer.UnknownId);
            Append(stream, 41, NoId);
            Append(stream, 42, UnigramTrainer.EndId);
            Append(stream, 43, 0);
        });
        Append(message, 3, stream => // normalizer_spec
        {
            Append(stream, 1, text => text.Write("identity"u8));
            Append(stream, 3, 1); // a blank before the text
            Append(stream, 4, 1); // several blanks are one
            Append(stream, 5, 1); // blanks are written ▁
        });
        return message.ToArray();
    }

    private static void Append(Stream stream, int field, Action<Stream> write)
    {
        using var inner = new MemoryStream();
        write(inner);
        AppendVarint(stream, ((ulong)field << 3) | 2);
        AppendVarint(stream, (ulong)inner.Length);
        inner.WriteTo(stream);
    }

    private static void Append(Stream stream, int field, long value)
    {
        AppendVarint(stream, (ulong)field << 3);
        AppendVarint(stream, (ulong)value);
    }

    private static void Append(Stream stream, int field, float value)
    {
        AppendVarint(stream, ((ulong)field << 3) | 5);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void AppendVarint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }
}
