using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>Writes every cell of a completed matrix: CSV, NumPy array, or grey image, by the file's ending.</summary>
public static class DenseWriter
{
    private const int White = 255;
    private const int NpyAlignment = 64;

    /// <summary>Writes the whole matrix, one row at a time.</summary>
    /// <param name="path">
    /// Ends in <c>.csv</c> (ids as first row and first column when the model knows them), <c>.npy</c> (float64, C order)
    /// or <c>.pgm</c> (values rounded to 0 to 255). Replaced whole or not at all.
    /// </param>
    /// <param name="model">The fitted completion.</param>
    /// <exception cref="ArgumentException">Another ending.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, CompletionModel model)
    {
        Check.NotBlank(path);
        Check.NotNull(model);
        Action<Stream, CompletionModel> write = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => WriteCsv,
            ".npy" => WriteNpy,
            ".pgm" => WritePgm,
            var other => throw new ArgumentException($"path: got the ending '{other}'; wanted .csv, .npy or .pgm.", nameof(path)),
        };
        AtomicFile.Write(path, stream => write(stream, model));
    }

    private static void WriteCsv(Stream stream, CompletionModel model)
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        if (model.ColumnIds is { } columns)
        {
            writer.WriteLine($"id,{string.Join(',', columns.Ids.Select(Quote))}");
        }

        EachRow(model, (i, row) =>
        {
            if (model.RowIds is { } rows)
            {
                writer.Write(Quote(rows[i]));
                writer.Write(',');
            }

            for (var j = 0; j < row.Length; j++)
            {
                writer.Write(row[j].ToString("R", CultureInfo.InvariantCulture));
                writer.Write(j + 1 < row.Length ? ',' : '\n');
            }
        });
    }

    // The NPY format, version 1.0: magic, version, header length, a Python dictionary padded to 64 bytes, raw numbers.
    private static void WriteNpy(Stream stream, CompletionModel model)
    {
        const int Preamble = 10;
        var text = $"{{'descr': '<f8', 'fortran_order': False, 'shape': ({model.RowCount}, {model.ColumnCount}), }}";
        var total = (Preamble + text.Length + NpyAlignment) / NpyAlignment * NpyAlignment;
        var header = new byte[total];
        header[0] = 0x93;
        "NUMPY"u8.CopyTo(header.AsSpan(1));
        header[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(total - Preamble));
        header.AsSpan(Preamble).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text).CopyTo(header, Preamble);
        header[^1] = (byte)'\n';
        stream.Write(header);
        var bytes = new byte[model.ColumnCount * sizeof(double)];
        EachRow(model, (_, row) =>
        {
            for (var j = 0; j < row.Length; j++)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(j * sizeof(double)), row[j]);
            }

            stream.Write(bytes);
        });
    }

    private static void WritePgm(Stream stream, CompletionModel model)
    {
        stream.Write(Encoding.ASCII.GetBytes($"P5\n{model.ColumnCount} {model.RowCount}\n{White}\n"));
        var pixels = new byte[model.ColumnCount];
        EachRow(model, (_, row) =>
        {
            for (var j = 0; j < row.Length; j++)
            {
                pixels[j] = (byte)Math.Clamp(Math.Round(row[j]), 0, White);
            }

            stream.Write(pixels);
        });
    }

    private static void EachRow(CompletionModel model, Action<int, double[]> write)
    {
        var row = new double[model.ColumnCount];
        for (var i = 0; i < model.RowCount; i++)
        {
            model.PredictRow(i, row);
            write(i, row);
        }
    }

    private static string Quote(string id) =>
        id.AsSpan().IndexOfAny(",\"\n\r") < 0 ? id : $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
