using LowRank.Completion.Input;
using LowRank.Tensors;

namespace LowRank.Tests.Completion.Input;

public sealed class DenseTextTests
{
    private static readonly RatingsOptions Dense = new() { Format = RatingsFormat.DenseText };

    [Theory]
    [InlineData("1,,3\nNaN,5,NA\n", ",")]
    [InlineData("\uFEFF1;;3.0\r\n nan ; 5 ; NA\r\n\r\n", ";")]
    [InlineData("1\t\t3\nnan\t5\t\n", "\t")]
    [InlineData("1 nan 3\n  NA   5\tnan", " ")]
    public void Read_EmptyCells_AreMissing(string text, string delimiter)
    {
        var data = Reading.Text(text, Dense);

        Assert.Equal(["0 0 1", "0 2 3", "1 1 5"], Reading.Entries(data.Observed));
        Assert.Equal((2, 3), (data.Observed.RowCount, data.Observed.ColumnCount));
        Assert.Equal((RatingsFormat.DenseText, delimiter), (data.Report.Format, data.Report.Delimiter));
        Assert.Equal(0.5, data.Report.Density);
    }

    [Theory]
    [InlineData("id,x,y\na,1,\nb,,2\n")]
    [InlineData(",x,y\na,1,\nb,,2\n")]
    public void Read_Names_BecomeIds(string text)
    {
        var data = Reading.Text(text, Dense);

        Assert.Equal(["a x 1", "b y 2"], Reading.Entries(data.Observed));
    }

    [Fact]
    public void Read_HeaderOrRowNamesAlone_BecomeIds()
    {
        Assert.Equal(["0 x 1", "0 y 2"], Reading.Entries(Reading.Text("x,y\n1,2\n", Dense).Observed));
        Assert.Equal(["a 0 1", "a 1 2"], Reading.Entries(Reading.Text("a,1,2\n", Dense with { Header = false }).Observed));
        Assert.Equal(["9 2020 1", "9 2021 2"], Reading.Entries(Reading.Text("movies,2020,2021\n9,1,2\n", Dense).Observed));
        Assert.Equal(["9 x 1", "9 y 2"], Reading.Entries(Reading.Text("id,x,y\n9,1,2\n", Dense).Observed));
        Assert.Equal(["9 2020 1", "9 2021 2"], Reading.Entries(Reading.Text("0,2020,2021\n9,1,2\n", Dense with { Header = true, RowNames = true }).Observed));
        Assert.Equal(["0 x 1", "1 x 2"], Reading.Entries(Reading.Text(",x\n0,1\n1,2\n", Dense).Observed));
    }

    [Fact]
    public void Read_OneColumn_NeedsNoDelimiter() =>
        Assert.Equal(["0 0 1", "1 0 2"], Reading.Entries(Reading.Text("1\n2\n", Dense).Observed));

    [Fact]
    public void Read_LineOfMegabytes_Works()
    {
        var data = Reading.Text(string.Join(',', Enumerable.Repeat("0.125", 700_000)) + "\n", Dense);

        Assert.Equal((1, 700_000, 700_000), (data.Observed.RowCount, data.Observed.ColumnCount, data.Observed.Count));
    }

    [Theory]
    [InlineData("1,2\n3\n", "f.csv, line 2: got 1 cells; wanted 2 parted by a comma, as before; fill in or remove cells.")]
    [InlineData("1,2\n3,x\n", "f.csv, line 2, field 2: got 'x'; wanted a number, or nothing, NA or NaN where it is missing; mend the cell, or say that the file has names (header, row names).")]
    [InlineData("1,2\n3,1e999\n", "f.csv, line 2, row 2, column 2: got Infinity; wanted a finite number or NaN; mend it, or write NaN where the value is missing.")]
    [InlineData("1,2\n3,\"4\n", "f.csv, line 2, field 2: got a quotation mark that is never closed; wanted quotation marks in pairs around a whole field; mend the line.")]
    [InlineData(",\n,\n", "f.csv: got 2 x 2 cells without a value; wanted at least one value; check that the export finished.")]
    [InlineData("a,b\n", "f.csv: got no line of values; wanted at least one value; check that the export finished.")]
    [InlineData("a,a\n1,2\n", "f.csv: got the column name 'a' twice; wanted a name of its own for each; rename it, or say that the file has no names (header, row names).")]
    [InlineData("a,1\nb,2\n", "f.csv, line 1: got a name and then numbers: 'a,1'; wanted names of columns, or a named row of values; say which it is (header).")]
    [InlineData("x,1\n,2\n", "f.csv: got no name for row 2; wanted a name of its own for each; rename it, or say that the file has no names (header, row names).")]
    public void Read_BadText_SaysWhereAndWhy(string text, string message) => Assert.Equal(message, Reading.Fault(text, Dense with { Header = text.StartsWith('x') ? false : null }));

    [Fact]
    public void Read_OutOfRange_NamesTheCell() => Assert.Equal(
        "f.csv, line 2, row 2, column 1: got 9; wanted a value from -1.7976931348623157E+308 to 5; mend it, or allow a wider range.",
        Reading.Fault("1,2\n9,3\n", Dense with { Maximum = 5 }));

    [Fact]
    public void Hide_TakesAShareAside()
    {
        var text = string.Join('\n', Enumerable.Repeat("1,2,3,4,5", 20));

        var data = Reading.Text(text, Dense with { Hide = 0.25, Seed = Seed.From(3) });
        var again = Reading.Text(text, Dense with { Hide = 0.25, Seed = Seed.From(3) });

        Assert.Equal((75, 25), (data.Observed.Count, data.Hidden!.Count));
        Assert.Equal((100, 25), (data.Report.Entries, data.Report.Hidden));
        Assert.Empty(Reading.Entries(data.Observed).Intersect(Reading.Entries(data.Hidden)));
        Assert.Equal(Reading.Entries(data.Hidden), Reading.Entries(again.Hidden!));
    }
}
