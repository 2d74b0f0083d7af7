using System.Buffers.Binary;
using System.Text;
using LowRank.Completion.Input;

namespace LowRank.Tests.Completion.Input;

public sealed class NpyTests
{
    [Theory]
    [InlineData("<f8", false)]
    [InlineData("<f8", true)]
    [InlineData(">f8", false)]
    [InlineData("<f4", true)]
    [InlineData(">f4", false)]
    [InlineData("<f2", false)]
    [InlineData("<i8", false)]
    [InlineData(">i4", true)]
    [InlineData("<u2", false)]
    [InlineData("|i1", false)]
    [InlineData("|u1", true)]
    public void Read_AnyTypeAndOrder_GivesTheNumbers(string type, bool byColumns)
    {
        double[] stored = byColumns ? [1, 4, 2, 5, 3, 6] : [1, 2, 3, 4, 5, 6];

        var data = Reading.Bytes(File(type, byColumns, "(2, 3)", Pack(type, stored)));

        Assert.Equal(["0 0 1", "0 1 2", "0 2 3", "1 0 4", "1 1 5", "1 2 6"], Reading.Entries(data.Observed).Order(StringComparer.Ordinal));
        Assert.Equal((2, 3, RatingsFormat.Npy), (data.Observed.RowCount, data.Observed.ColumnCount, data.Report.Format));
    }

    [Fact]
    public void Read_NaN_IsMissing() =>
        Assert.Equal(["0 1 7"], Reading.Entries(Reading.Bytes(File("<f4", false, "(1, 3)", Pack("<f4", [double.NaN, 7, double.NaN]))).Observed));

    [Fact]
    public void Read_Version2_HasALongerHeader()
    {
        var one = File("<f8", false, "(1, 1)", Pack("<f8", [2]));
        byte[] two = [.. one[..6], 2, 0, one[8], one[9], 0, 0, .. one[10..]];

        Assert.Equal(["0 0 2"], Reading.Entries(Reading.Bytes(two).Observed));
    }

    [Theory]
    [InlineData("<f8", "(3,)", "f.csv: got an array of shape (3,); wanted two dimensions of at least 1; save a matrix of numbers with numpy.save.")]
    [InlineData("<f8", "(0, 3)", "f.csv: got an array of shape (0, 3); wanted two dimensions of at least 1; save a matrix of numbers with numpy.save.")]
    [InlineData("<c16", "(1, 1)", "f.csv: got numbers of the type '<c16'; wanted f2, f4, f8, i1 to i8, u1 to u8 or b1; save a matrix of numbers with numpy.save.")]
    [InlineData("<f8", "(1, 2)", "f.csv: got less data than its header says; wanted 1 x 2 numbers; fetch the file again.")]
    [InlineData("<f4", "(1, 1)", "f.csv: got more data than its header says; wanted 1 x 1 numbers; save a matrix of numbers with numpy.save.")]
    [InlineData("<f8", "(2000000000, 2000000000)", "f.csv: got less data than its header says; wanted 2000000000 x 2000000000 numbers; fetch the file again.")]
    public void Read_BadHeader_SaysWhy(string type, string shape, string message) =>
        Assert.Equal(message, Reading.Fault(File(type, false, shape, new byte[8])));

    [Fact]
    public void Read_BrokenHeader_SaysWhy()
    {
        var whole = File("<f8", false, "(1, 1)", new byte[8]);

        Assert.Equal("f.csv: got a damaged NPY header; wanted a NumPy array file; save a matrix of numbers with numpy.save.", Reading.Fault(whole[..20]));
        Assert.Equal(
            "f.csv: got the NPY header '{'descr': '[('a', '<f8')]', 'fortran_ord...'; wanted a plain number type, an order and a shape; save a matrix of numbers with numpy.save.",
            Reading.Fault(File("[('a', '<f8')]", false, "(1, 1)", new byte[8])));
    }

    [Fact]
    public void Read_Infinity_NamesTheCell() => Assert.Equal(
        "f.csv, row 2, column 1: got Infinity; wanted a finite number or NaN; mend it, or write NaN where the value is missing.",
        Reading.Fault(File("<f8", true, "(2, 1)", Pack("<f8", [1, double.PositiveInfinity]))));

    [Fact]
    public void Read_WholeNumberBeyondDouble_IsRefused() => Assert.Equal(
        "f.csv: got the whole number -9007199254740993; wanted at most 9007199254740992 in size, the largest exact one; save it as f8.",
        Reading.Fault(File("<i8", false, "(1, 1)", BitConverter.GetBytes(-9007199254740993L))));

    internal static byte[] File(string type, bool byColumns, string shape, byte[] data)
    {
        var text = $"{{'descr': '{type}', 'fortran_order': {(byColumns ? "True" : "False")}, 'shape': {shape}, }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. Encoding.ASCII.GetBytes(text), .. data];
    }

    private static byte[] Pack(string type, double[] numbers) => [.. numbers.SelectMany(number =>
    {
        var bytes = new byte[type[^1] - '0'];
        switch (type[1..])
        {
            case "f2": BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)number); break;
            case "f4": BinaryPrimitives.WriteSingleLittleEndian(bytes, (float)number); break;
            case "f8": BinaryPrimitives.WriteDoubleLittleEndian(bytes, number); break;
            default: BitConverter.GetBytes((long)number).AsSpan(0, bytes.Length).CopyTo(bytes); break;
        }

        return type[0] == '>' ? bytes.Reverse() : bytes;
    })];
}
