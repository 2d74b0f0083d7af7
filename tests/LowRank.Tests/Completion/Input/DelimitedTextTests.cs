using System.Globalization;
using System.Text;
using LowRank.Completion.Input;

namespace LowRank.Tests.Completion.Input;

public sealed class DelimitedTextTests
{
    [Theory]
    [InlineData("196\t242\t3\t881250949\n186\t302\t3\t891717742\n22\t377\t1\t878887116\n", "\t")]
    [InlineData("196::242::3::881250949\n186::302::3::891717742\n22::377::1::878887116\n", "::")]
    [InlineData("196,242,3.0,881250949\r\n186,302,3,891717742\r\n22,377,1,878887116", ",")]
    [InlineData("196;242;3\n186;302;3\n22;377;1e0\n", ";")]
    [InlineData("196 242 3\n186 302 3\n22 377 1\n", " ")]
    [InlineData("  196  242\t3\n186 302 3   \n22\t377\t\t1\n\n\n", " ")]
    [InlineData("\uFEFFuserId,movieId,rating,timestamp\n196,242,3,1\n186,302,3,2\n22,377,1,3\n", ",")]
    [InlineData("user_id;rating;item_id\n196;3;242\n186;3;302\n22;1;377\n", ";")]
    [InlineData("\n \t\nreader,book,stars\n196 , 242, 3\n\n186,302 ,3 \n 22,377, 1\n", ",")]
    [InlineData("\"user\",\"item\",\"rating\"\n\"196\",\"242\",\"3\"\n186,\"302\",3\n22,377, \"1\" \n", ",")]
    public void Read_AnyLayout_GivesTheSameEntries(string text, string delimiter)
    {
        var data = Reading.Text(text);

        Assert.Equal(["196 242 3", "186 302 3", "22 377 1"], Reading.Entries(data.Observed));
        Assert.Equal(delimiter, data.Report.Delimiter);
        Assert.Equal(RatingsFormat.Delimited, data.Report.Format);
    }

    [Fact]
    public void Report_OfMovieLens_TellsWhatWasFoundAndGuessed()
    {
        var report = Reading.Text("userId,movieId,rating,timestamp\r\n1,10,4.0,964982703\r\n1,20,2.0,964981247\r\n\r\n7,10,3.0,1\r\n").Report;

        Assert.Equal("f.csv", report.File);
        Assert.Equal(["userId", "movieId", "rating", "timestamp"], report.Header);
        Assert.Equal(["userId", "movieId", "rating"], report.Fields);
        Assert.Equal((5, 1, 0, 0), (report.Lines, report.BlankLines, report.BadLines, report.CommentLines));
        Assert.Equal((3, 2, 2, 0), (report.Entries, report.Rows, report.Columns, report.Duplicates));
        Assert.Equal((2, 4, 3, 0.75), (report.Minimum, report.Maximum, report.Mean, report.Density));
        Assert.Equal(
            [
                "fields are parted by a comma",
                "line 1 holds names",
                "'userId', 'movieId', 'rating' are row id, column id and value",
            ],
            report.Guesses);
        Assert.Equal("f.csv: 3 entries of 2 x 2 (75.00 %), values 2 to 4, mean 3", report.ToSummary());
    }

    [Theory]
    [InlineData("rating,item,user")]
    [InlineData("RATING, Item ,user")]
    [InlineData("1,3,4")]
    [InlineData("rating,3,user")]
    public void Columns_ByNameOrNumber_ChooseTheFields(string columns)
    {
        var data = Reading.Text("rating,when,item,user\n1,0,2,5\n", new RatingsOptions { Columns = columns });

        // The rating is the row id here: the caller's word counts, not the names.
        Assert.Equal(["1 2 5"], Reading.Entries(data.Observed));
        Assert.Equal(["rating", "item", "user"], data.Report.Fields);
    }

    [Fact]
    public void Columns_ByNumberWithoutHeader_ChooseTheFields()
    {
        var data = Reading.Text("a,x,0.5,u,9\nb,y,1.5,v,9\n", new RatingsOptions { Columns = "4,1,3" });

        Assert.Equal(["u a 0.5", "v b 1.5"], Reading.Entries(data.Observed));
        Assert.Equal(["4", "1", "3"], data.Report.Fields);
    }

    [Fact]
    public void Header_Told_IsBelieved()
    {
        Assert.Equal(["4 5 6"], Reading.Entries(Reading.Text("1,2,3\n4,5,6\n", new RatingsOptions { Header = true }).Observed));
        Assert.Contains("f.csv, line 1, field 3 (value): got 'rating'", Reading.Fault("user,item,rating\n1,2,3\n", new RatingsOptions { Header = false }));
    }

    [Fact]
    public void Ids_AreComparedLetterByLetter_AndOrderedByFirstAppearance()
    {
        var text = "7,Zoë,1\n07,\"a, \"\"b\"\"\",2\n7.0,Zoë,3\n+7,8000000000,4\n4194304,ü,5\n4194303,ü,6\n-1,0,7\n0,00,8\n7,a name that is longer than sixteen bytes,9\n";

        var matrix = Reading.Text(text).Observed;

        Assert.Equal(["7", "07", "7.0", "+7", "4194304", "4194303", "-1", "0"], matrix.RowIds!.Ids);
        Assert.Equal(
            ["Zoë", "a, \"b\"", "8000000000", "ü", "0", "00", "a name that is longer than sixteen bytes"],
            matrix.ColumnIds!.Ids);
        Assert.All(matrix.RowIds.Ids, (id, index) => Assert.True(matrix.RowIds.TryIndexOf(id, out var at) && at == index));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 0], matrix.Rows.ToArray());
    }

    [Theory]
    [InlineData("0.1")]
    [InlineData("-0")]
    [InlineData("3.")]
    [InlineData(".5")]
    [InlineData("+2.5")]
    [InlineData("1e-5")]
    [InlineData("1E30")]
    [InlineData("9007199254740993")]
    [InlineData("9007199254740992")]
    [InlineData("0.30000000000000004")]
    [InlineData("123456789.123456789")]
    [InlineData("4.9406564584124654e-324")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("0000000000000000000000003.25")]
    [InlineData("0.000000000000000001")]
    [InlineData("179769313486231570000000000000000000000000000000000000000000000000000000000000")]
    public void Values_AreTheNearestDoubles(string text)
    {
        var value = Assert.Single(Reading.Text($"u,i,{text}\n").Observed.Values.ToArray());

        var expected = double.Parse(text, CultureInfo.InvariantCulture);
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
    }

    [Fact]
    public void OneRating_IsAMatrixOfOneCell()
    {
        var data = Reading.Text("alice,matrix,4.5");

        Assert.Equal((1, 1, 1), (data.Observed.Count, data.Observed.RowCount, data.Observed.ColumnCount));
        Assert.Equal(["alice matrix 4.5"], Reading.Entries(data.Observed));
    }

    [Fact]
    public void Quotes_InsideAField_AreLetters() =>
        Assert.Equal(["5\" disk it's 1"], Reading.Entries(Reading.Text("5\" disk,it's,1\n").Observed));

    [Fact]
    public void Delimiter_Told_IsBelieved() =>
        Assert.Equal(["a,b c 1"], Reading.Entries(Reading.Text("a,b|c|1\n", new RatingsOptions { Delimiter = "|" }).Observed));

    [Fact]
    public void BadLines_LeftOut_AreCountedAndTold()
    {
        var text = "1,1,5\n2,2,oops\n3,3\n4,4,1e400\n1,2,4\n,5,1\n";

        var data = Reading.Text(text, new RatingsOptions { BadLines = BadLinePolicy.LeaveOut });

        // The rows 2, 3 and 4 have no entry, so they are no rows either.
        Assert.Equal(["1 1 5", "1 2 4"], Reading.Entries(data.Observed));
        Assert.Equal((1, 2), (data.Observed.RowCount, data.Observed.ColumnCount));
        Assert.Equal((6, 4), (data.Report.Lines, data.Report.BadLines));
        Assert.Equal(
            [
                "f.csv, line 2, field 3 (value): got 'oops'; wanted a number such as 3.5; mend or remove the line, or name the field of the value.",
                "f.csv, line 3: got 2 fields in '3,3'; wanted 3 parted by a comma; mend the line.",
                "f.csv, line 4, field 3 (value): got '1e400'; wanted a finite number; mend or remove the line.",
                "f.csv, line 6, field 1 (row id): got nothing; wanted an id; fill it in or remove the line.",
            ],
            data.Report.BadLineFaults);
    }

    [Fact]
    public void Pairs_KeepOrderAndRepeats_AndIgnoreFurtherFields()
    {
        using var folder = new Testing.ScratchFolder();
        File.WriteAllText(folder["pairs.csv"], "user,item,rating\nb,x,?\na,y,\nb,x,1\n", Encoding.UTF8);

        var pairs = RatingsReader.ReadPairs(folder["pairs.csv"], new RatingsOptions { Minimum = 5 }, TestContext.Current.CancellationToken);

        Assert.Equal(["b", "a"], pairs.RowIds.Ids);
        Assert.Equal(["x", "y"], pairs.ColumnIds.Ids);
        Assert.Equal([0, 1, 0], pairs.Rows);
        Assert.Equal([0, 1, 0], pairs.Columns);
        Assert.Equal(3, pairs.Count);
    }

    [Fact]
    public void Pairs_WithoutHeader_AreTheFirstTwoFields()
    {
        using var folder = new Testing.ScratchFolder();
        File.WriteAllText(folder["pairs.tsv"], "3\t4\n5\t4\n");

        var pairs = RatingsReader.ReadPairs(folder["pairs.tsv"], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(["3", "5"], pairs.RowIds.Ids);
        Assert.Equal(["4"], pairs.ColumnIds.Ids);
    }
}
