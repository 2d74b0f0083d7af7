using System.Text;

namespace LowRank.Tests.Completion.Input;

public sealed class GzipTests
{
    private const string Damaged = "; wanted a whole gzip file; fetch or compress it again.";

    private static readonly byte[] Packed = Reading.Gzip(Encoding.UTF8.GetBytes(Lines(300)));

    [Fact]
    public void Read_Gzip_IsKnownByItsFirstBytes()
    {
        var data = Reading.Bytes(Packed);

        Assert.True(data.Report.Compressed);
        Assert.Equal(Reading.Entries(Reading.Text(Lines(300)).Observed), Reading.Entries(data.Observed));
    }

    [Fact]
    public void Read_SeveralMembers_AreOneText()
    {
        byte[] two = [.. Reading.Gzip([.. "1,2,3\n1,3"u8]), .. Reading.Gzip([.. ",4\n2,2,5"u8])];

        Assert.Equal(["1 2 3", "1 3 4", "2 2 5"], Reading.Entries(Reading.Bytes(two).Observed));
    }

    [Fact]
    public void Read_GzipOfMatrixMarketAndNpy_Works()
    {
        var matrix = Reading.Gzip([.. "%%MatrixMarket matrix coordinate real general\n2 2 1\n2 1 5\n"u8]);
        var array = Reading.Gzip(NpyTests.File("<f8", false, "(1, 2)", [.. new byte[8], .. BitConverter.GetBytes(2.5)]));

        Assert.Equal(["2 1 5"], Reading.Entries(Reading.Bytes(matrix).Observed));
        Assert.Equal(["0 0 0", "0 1 2.5"], Reading.Entries(Reading.Bytes(array).Observed));
    }

    [Fact]
    public void Read_CutAnywhere_IsRefused()
    {
        for (var length = 2; length < Packed.Length; length++)
        {
            var message = Reading.Fault(Packed[..length]);

            Assert.StartsWith("f.csv: got gzip data that breaks off or is damaged after ", message, StringComparison.Ordinal);
            Assert.EndsWith(Damaged, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_CutLongFile_IsRefused()
    {
        var packed = Reading.Gzip(Encoding.UTF8.GetBytes(Lines(300_000)));

        Assert.EndsWith(Damaged, Reading.Fault(packed[..^9]), StringComparison.Ordinal);
        Assert.EndsWith(Damaged, Reading.Fault(packed[..(packed.Length / 2)]), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnyByteOfTheTrailerChanged_IsRefused()
    {
        for (var back = 1; back <= 8; back++)
        {
            var bytes = (byte[])Packed.Clone();
            bytes[^back] ^= 0x40;

            Assert.EndsWith(Damaged, Reading.Fault(bytes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_OtherDataBehind_IsRefused() =>
        Assert.EndsWith(Damaged, Reading.Fault([.. Packed, 1, 2, 3]), StringComparison.Ordinal);

    [Fact]
    public void Read_GzipOfNothing_IsAnEmptyFile() =>
        Assert.StartsWith("f.csv: got an empty file;", Reading.Fault(Reading.Gzip([])), StringComparison.Ordinal);

    [Fact]
    public void Read_GzipInGzip_AsksToUnpack() => Assert.Equal(
        "f.csv: got a gzip file inside a gzip file; wanted a text; unpack it once.", Reading.Fault(Reading.Gzip(Packed)));

    private static string Lines(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"{i % 977},{i / 977},{i % 11 / 2.0}\n")));
}
