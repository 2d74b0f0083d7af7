using System.Text;
using CsCheck;
using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Testing;

namespace LowRank.Tests.Completion.Input;

public sealed class RatingsProperties
{
    private const string FuzzSeed = "0000F0x4t1ng";

    private static readonly Gen<string> Id = Gen.OneOf(
        Gen.Int[0, 5000].Select(i => FormattableString.Invariant($"{i}")),
        OneOf("007", "-1", "4194303", "4194304", "99999999", "123456789", "a", "Zoë", "a b", " a", "a,b", "\"", "a\"b", ":", "a:", "::", ";", "%", "日本", "NaN"),
        Gen.String[Gen.Char[' ', '\u03FF'].Where(c => !char.IsControl(c)), 1, 30]);

    private static readonly Gen<double> Value = Gen.OneOf(
        Gen.Double.Where(double.IsFinite),
        Gen.Int[0, 10].Select(i => i / 2.0),
        Gen.Double[-10, 10].Select(d => Math.Round(d, 4)));

    private static readonly Gen<ObservedMatrix> Matrix =
        from entries in Gen.Select(Id, Id, Value).Array[1, 40]
        select Observed([.. entries.DistinctBy(e => (e.Item1, e.Item2))]);

    [Fact]
    public void ReadOfWrite_IsTheSame_ForEveryDelimiter()
    {
        using var folder = new ScratchFolder();
        Gen.Select(Matrix, OneOf(",", ";", "\t", " ", "::"), Gen.Bool, Gen.Bool).Sample(
            (matrix, delimiter, header, zip) =>
            {
                var path = folder[zip ? "f.csv.gz" : "f.csv"];
                RatingsWriter.Write(path, matrix, delimiter, header);
                var options = new RatingsOptions { Format = RatingsFormat.Delimited, Delimiter = delimiter, Header = header };

                var back = RatingsReader.Read(path, options);

                return Reading.Entries(back.Observed).SequenceEqual(Reading.Entries(matrix))
                    && back.Observed.RowIds!.Ids.SequenceEqual(matrix.RowIds!.Ids)
                    && back.Observed.ColumnIds!.Ids.SequenceEqual(matrix.ColumnIds!.Ids);
            },
            seed: FuzzSeed,
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void ReadOfWrite_IsTheSame_ForMatrixMarket()
    {
        using var folder = new ScratchFolder();
        Matrix.Sample(
            matrix =>
            {
                RatingsWriter.WriteMatrixMarket(folder["f.mtx"], matrix);

                var back = RatingsReader.Read(folder["f.mtx"]).Observed;

                return back.Rows.SequenceEqual(matrix.Rows) && back.Columns.SequenceEqual(matrix.Columns)
                    && back.Values.SequenceEqual(matrix.Values)
                    && back.RowCount == matrix.RowCount && back.ColumnCount == matrix.ColumnCount;
            },
            seed: FuzzSeed,
            iter: 100,
            threads: 1);
    }

    // Any bytes, whatever the form they are read as: a matrix, or a message; never another exception.
    [Fact]
    public void AnyBytes_GiveAMatrixOrInvalidData()
    {
        string[] starts =
        [
            "", "", "\uFEFF", "1,2,3\n", "user,item,rating\n1,2,3\n", "%%MatrixMarket matrix coordinate real general\n",
            "%%MatrixMarket matrix coordinate real symmetric\n3 3 2\n", "P2 2 2 9 ", "P5\n2 2\n255\n", "\u0093NUMPY\u0001\0",
            "\u0089PNG\r\n\u001A\n", "\u001F\u008B\u0008",
        ];
        var letters = OneOf("0", "1", "2", "35", ".", "e", "-", ",", ",", ";", "::", "\t", " ", "\n", "\n", "\r\n", "\"", "%", "a", "nan", "\0", "é");
        var text = Gen.Select(OneOf(starts), letters.Array[0, 60], (start, rest) => Encoding.UTF8.GetBytes(start + string.Concat(rest)));
        var binary = Gen.Select(
            OneOf(starts), Gen.Byte.Array[0, 100], (start, rest) => (byte[])[.. Encoding.Latin1.GetBytes(start), .. rest]);
        var mended = from whole in OneOf(Wholes())
                     from place in Gen.Int[0, whole.Length - 1]
                     from value in Gen.Byte
                     select (byte[])[.. whole[..place], value, .. whole[(place + 1)..]];

        Gen.Select(Gen.OneOf(text, binary, mended), Gen.Enum<RatingsFormat>(), Gen.Enum<BadLinePolicy>(), Gen.Enum<DuplicatePolicy>()).Sample(
            (bytes, format, badLines, duplicates) =>
            {
                try
                {
                    var data = Reading.Bytes(bytes, new RatingsOptions { Format = format, BadLines = badLines, Duplicates = duplicates });
                    return data.Observed.Count > 0;
                }
                catch (InvalidDataException error)
                {
                    return error.Message.StartsWith(Reading.File, StringComparison.Ordinal) && error.Message.EndsWith('.');
                }
            },
            seed: FuzzSeed,
            iter: 20_000,
            threads: 1);
    }

    private static Gen<T> OneOf<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private static byte[][] Wholes() =>
    [
        Encoding.UTF8.GetBytes("user,item,rating,time\n1,10,4.5,99\nab,\"c,d\",1e2,98\n"),
        Encoding.UTF8.GetBytes("%%MatrixMarket matrix coordinate real symmetric\n% c\n3 3 2\n1 1 5\n3 2 6\n"),
        NpyTests.File("<f8", true, "(2, 2)", new byte[32]),
        TinyPng.Write(3, 2, 8, 0, [[0, 10, 200], [1, 2, 255]], 4),
        TinyPng.Write(2, 1, 8, 3, [[1, 0]], 0, [0, 0, 0, 7, 7, 7]),
        Reading.Gzip([.. "1,2,3\n4,5,6\n"u8]),
        [.. "P5\n3 2\n255\n123456"u8],
    ];

    private static ObservedMatrix Observed((string Row, string Column, double Value)[] entries)
    {
        var rows = entries.Select(e => e.Row).Distinct().ToArray();
        var columns = entries.Select(e => e.Column).Distinct().ToArray();
        return new ObservedMatrix(
            rows.Length,
            columns.Length,
            [.. entries.Select(e => Array.IndexOf(rows, e.Row))],
            [.. entries.Select(e => Array.IndexOf(columns, e.Column))],
            [.. entries.Select(e => e.Value)],
            new IdMap(rows),
            new IdMap(columns));
    }
}
