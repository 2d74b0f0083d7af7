using LowRank.Completion.Input;

namespace LowRank.Tests.Completion.Input;

public sealed class MatrixMarketTests
{
    private const string General = "%%MatrixMarket matrix coordinate real general\n";

    [Fact]
    public void Read_General_KeepsTheDeclaredSizeAndNumbersFromOne()
    {
        var data = Reading.Text("%%matrixmarket MATRIX Coordinate Integer General\r\n% a comment\n%\n\n 4  3 2 \n4 1 -7\n  2   3  0.5 \n");

        Assert.Equal(["4 1 -7", "2 3 0.5"], Reading.Entries(data.Observed));
        Assert.Equal((4, 3), (data.Observed.RowCount, data.Observed.ColumnCount));
        Assert.Equal(["1", "2", "3", "4"], data.Observed.RowIds!.Ids);
        Assert.Equal((RatingsFormat.MatrixMarket, 3, 7), (data.Report.Format, data.Report.CommentLines, data.Report.Lines));
    }

    [Fact]
    public void Read_Symmetric_MirrorsWhatIsOffTheDiagonal()
    {
        var data = Reading.Text("%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 5\n2 1 6\n3 2 7\n");

        Assert.Equal(["1 1 5", "2 1 6", "3 2 7", "1 2 6", "2 3 7"], Reading.Entries(data.Observed));
    }

    [Fact]
    public void Read_SymmetricWithBothHalves_NamesTheLinesOfTheFile() => Assert.StartsWith(
        "f.csv, line 5: got a second value for '1' and '2', which line 4 has given;",
        Reading.Fault("%%MatrixMarket matrix coordinate real symmetric\n2 2 3\n1 1 5\n2 1 6\n1 2 7\n"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1\n", "f.csv, line 1: got '%%MatrixMarket matrix coordinate pattern...'; wanted coordinate, real or integer, general or symmetric; a pattern has no values: write a value for each entry.")]
    [InlineData("%%MatrixMarket matrix array real general\n1 1\n1\n", "f.csv, line 1: got '%%MatrixMarket matrix array real general'; wanted coordinate, real or integer, general or symmetric; save the array as NPY or as dense text.")]
    [InlineData("%%MatrixMarket matrix coordinate complex hermitian\n", "f.csv, line 1: got '%%MatrixMarket matrix coordinate complex...'; wanted coordinate, real or integer, general or symmetric; save it as a real general matrix.")]
    [InlineData("%%MatrixMarket matrix\n", "f.csv, line 1: got '%%MatrixMarket matrix'; wanted coordinate, real or integer, general or symmetric; save it as a real general matrix.")]
    [InlineData(General + "% only comments\n", "f.csv: got no size line; wanted rows, columns and number of entries behind the comments; fetch the file again.")]
    [InlineData(General + "3 x 2\n", "f.csv, line 2: got '3 x 2'; wanted rows, columns and the number of entries, each at least 1; mend the size line.")]
    [InlineData(General + "3 3 0\n", "f.csv, line 2: got '3 3 0'; wanted rows, columns and the number of entries, each at least 1; mend the size line.")]
    [InlineData("%%MatrixMarket matrix coordinate real symmetric\n2 3 1\n1 1 1\n", "f.csv, line 2: got '2 3 1'; wanted rows, as many columns, and the number of entries, each at least 1; mend the size line.")]
    [InlineData(General + "2 2 3\n1 1 1\n2 2 2\n", "f.csv: got 2 entries; wanted 3, as the size line 2 says; the file may be cut off: fetch it again.")]
    [InlineData(General + "2 2 1\n1 1 1\n2 2 2\n", "f.csv: got 2 entries; wanted 1, as the size line 2 says; mend the size line.")]
    [InlineData(General + "2 2 2\n1 1 1\n3 2 2\n", "f.csv, line 4, field 1 (row id): got '3'; wanted a number from 1 to 2; mend the line or the size line.")]
    [InlineData(General + "2 2 1\n1 0 1\n", "f.csv, line 3, field 2 (column id): got '0'; wanted a number from 1 to 2; mend the line or the size line.")]
    [InlineData(General + "2 2 1\n1 b 1\n", "f.csv, line 3, field 2 (column id): got 'b'; wanted a number from 1 to 2; mend the line or the size line.")]
    [InlineData(General + "2 2 1\n1 1 nan\n", "f.csv, line 3, field 3 (value): got 'nan'; wanted a finite number; mend or remove the line.")]
    public void Read_BadFile_SaysWhereAndWhy(string text, string message) => Assert.Equal(message, Reading.Fault(text));

    [Fact]
    public void Read_BadLine_IsRefusedWhateverTheOptionsSay() => Assert.StartsWith(
        "f.csv, line 3, field 3 (value): got 'x'",
        Reading.Fault(General + "2 2 1\n1 1 x\n", new RatingsOptions { BadLines = BadLinePolicy.LeaveOut }),
        StringComparison.Ordinal);
}
