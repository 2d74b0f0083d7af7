using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using LowRank.Tensors;

namespace LowRank.Completion.Input;

/// <summary>
/// Writes observed entries as text that <see cref="RatingsReader"/> reads back as they were, to the last bit.
/// </summary>
/// <remarks>A path that ends in <c>.gz</c> is compressed. Files appear whole or not at all.</remarks>
public static class RatingsWriter
{
    private const int FlushAt = 1 << 20;

    /// <summary>Writes one line per entry: row id, column id, value.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="matrix">The entries; ids are written where it has them, numbers from 0 otherwise.</param>
    /// <param name="delimiter">What parts the fields: one of <c>,</c> <c>;</c> tab, space, <c>::</c>.</param>
    /// <param name="header">Whether the first line names the fields user, item and rating.</param>
    /// <exception cref="ArgumentException">
    /// The delimiter is another one, or an id is empty or has control characters.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, ObservedMatrix matrix, string delimiter = ",", bool header = true)
    {
        Check.NotNull(matrix);
        Check.That(
            delimiter is "," or ";" or "\t" or " " or "::",
            nameof(delimiter),
            $"{nameof(delimiter)}: got '{delimiter}'; wanted ',', ';', a tab, a space or '::'.");
        var rowIds = Quoted(matrix.RowIds, matrix.RowCount, delimiter);
        var columnIds = Quoted(matrix.ColumnIds, matrix.ColumnCount, delimiter);
        var start = header ? string.Join(delimiter, "user", "item", "rating") + "\n" : string.Empty;
        WriteLines(path, start, matrix, delimiter, rowIds, columnIds);
    }

    /// <summary>Writes a MatrixMarket coordinate file (real, general): row and column numbers from 1, no ids.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="matrix">The entries.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteMatrixMarket(string path, ObservedMatrix matrix)
    {
        Check.NotNull(matrix);
        var size = $"{matrix.RowCount} {matrix.ColumnCount} {matrix.Count}";
        var start = $"%%MatrixMarket matrix coordinate real general\n{size}\n";
        WriteLines(path, start, matrix, " ", Numbers(matrix.RowCount, 1), Numbers(matrix.ColumnCount, 1));
    }

    private static void WriteLines(
        string path, string start, ObservedMatrix matrix, string delimiter, byte[][] rowIds, byte[][] columnIds)
    {
        var zipped = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        AtomicFile.Write(path, file =>
        {
            using var zip = zipped ? new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true) : null;
            WriteLines(zip ?? file, start, matrix, Encoding.ASCII.GetBytes(delimiter), rowIds, columnIds);
        });
    }

    private static void WriteLines(
        Stream stream, string start, ObservedMatrix matrix, byte[] delimiter, byte[][] rowIds, byte[][] columnIds)
    {
        var rows = matrix.Rows;
        var columns = matrix.Columns;
        var values = matrix.Values;
        var text = new ArrayBufferWriter<byte>(FlushAt + 4096);
        text.Write(Encoding.UTF8.GetBytes(start));
        for (var k = 0; k < values.Length; k++)
        {
            text.Write(rowIds[rows[k]]);
            text.Write(delimiter);
            text.Write(columnIds[columns[k]]);
            text.Write(delimiter);

            // The shortest text that reads back as the same double.
            values[k].TryFormat(text.GetSpan(32), out var length, provider: CultureInfo.InvariantCulture);
            text.Advance(length);
            text.Write("\n"u8);
            if (text.WrittenCount >= FlushAt)
            {
                stream.Write(text.WrittenSpan);
                text.ResetWrittenCount();
            }
        }

        stream.Write(text.WrittenSpan);
    }

    private static byte[][] Numbers(int count, int first)
    {
        var texts = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            texts[i] = Encoding.ASCII.GetBytes((i + (long)first).ToString(CultureInfo.InvariantCulture));
        }

        return texts;
    }

    private static byte[][] Quoted(IdMap? ids, int count, string delimiter)
    {
        if (ids is null)
        {
            return Numbers(count, 0);
        }

        var texts = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var id = ids[i];
            Check.That(
                id.Length > 0 && !id.Any(char.IsControl),
                nameof(ids),
                $"the id {i}: got {InputFault.Quote(id)}; wanted characters, none of them a control character.");
            var plain = id.IndexOfAny([delimiter[0], '"', ' ']) < 0;
            texts[i] = Encoding.UTF8.GetBytes(plain ? id : $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal)}\"");
        }

        return texts;
    }
}
