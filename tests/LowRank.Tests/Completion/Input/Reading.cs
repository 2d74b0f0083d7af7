using System.IO.Compression;
using System.Text;
using LowRank.Completion;
using LowRank.Completion.Input;

namespace LowRank.Tests.Completion.Input;

/// <summary>Reads texts and bytes as if they were files.</summary>
internal static class Reading
{
    public const string File = "f.csv";

    public static RatingsData Text(string text, RatingsOptions? options = null) => Bytes(Encoding.UTF8.GetBytes(text), options);

    public static RatingsData Bytes(byte[] bytes, RatingsOptions? options = null) =>
        RatingsReader.Read(new MemoryStream(bytes), File, options);

    public static string Fault(string text, RatingsOptions? options = null) => Fault(Encoding.UTF8.GetBytes(text), options);

    public static string Fault(byte[] bytes, RatingsOptions? options = null) =>
        Assert.Throws<InvalidDataException>(() => Bytes(bytes, options)).Message;

    /// <summary>Entries as "row column value" with the user's ids, in file order.</summary>
    public static string[] Entries(ObservedMatrix matrix) =>
    [
        .. Enumerable.Range(0, matrix.Count).Select(k => FormattableString.Invariant(
            $"{Id(matrix.RowIds, matrix.Rows[k])} {Id(matrix.ColumnIds, matrix.Columns[k])} {matrix.Values[k]:R}")),
    ];

    public static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var zip = new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(bytes);
        }

        return stream.ToArray();
    }

    private static string Id(IdMap? ids, int index) => ids?[index] ?? FormattableString.Invariant($"{index}");
}
