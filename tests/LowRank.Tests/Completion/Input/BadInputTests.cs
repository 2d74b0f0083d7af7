using LowRank.Completion.Input;
using LowRank.Testing;

namespace LowRank.Tests.Completion.Input;

/// <summary>The exact text of each complaint: where, got, wanted, what to do.</summary>
public sealed class BadInputTests
{
    [Theory]
    [InlineData("", "f.csv: got an empty file; wanted lines of row id, column id and value; check that its export finished.")]
    [InlineData("\n \n", "f.csv: got 2 blank lines and nothing else; wanted lines of row id, column id and value; check that its export finished.")]
    [InlineData("user,item,rating\n", "f.csv: got the header 'user,item,rating' and no entries; wanted at least one entry; check that the export finished.")]
    [InlineData("hello\n", "f.csv, line 1: got 'hello'; wanted row id, column id and value, parted by comma, tab, '::', semicolon or blanks; mend the line, or name the delimiter.")]
    [InlineData("this is just some text\n", "f.csv, line 1: got the names 'this', 'is', 'just', 'some', 'text'; wanted names like user, item and rating; say which fields hold row id, column id and value (columns), or read the file as a dense matrix.")]
    [InlineData("1,2,3,4,5,6\n", "f.csv, line 1: got 6 fields without names: '1,2,3,4,5,6'; wanted 3 to 4 fields; say which fields hold row id, column id and value (columns), or read the file as a dense matrix.")]
    [InlineData("1,2,3\na row of text\n", "f.csv, line 2: got 1 field in 'a row of text'; wanted 3 parted by a comma; mend the line.")]
    [InlineData("1,2,3\n1,3,4,5\n", "f.csv, line 2: got 4 fields in '1,3,4,5'; wanted 3 parted by a comma; mend the line.")]
    [InlineData("user,item,rating\n1,2,3\n\n1,4,x\n", "f.csv, line 4, field 3 ('rating', value): got 'x'; wanted a number such as 3.5; mend or remove the line, or name the field of the value.")]
    [InlineData("1;2;3\n1;4;3,5\n", "f.csv, line 2, field 3 (value): got '3,5'; wanted a number such as 3.5; write decimals with a point.")]
    [InlineData("1,2,NaN\n", "f.csv, line 1, field 3 (value): got 'NaN'; wanted a finite number; mend or remove the line.")]
    [InlineData("1,2,1e400\n", "f.csv, line 1, field 3 (value): got '1e400'; wanted a finite number; mend or remove the line.")]
    [InlineData("1,2,-Infinity\n", "f.csv, line 1, field 3 (value): got '-Infinity'; wanted a finite number; mend or remove the line.")]
    [InlineData("1,2,3\n1,3,\n", "f.csv, line 2, field 3 (value): got nothing; wanted a number such as 3.5; mend or remove the line, or name the field of the value.")]
    [InlineData("1,2,3\n 1, ,4\n", "f.csv, line 2, field 2 (column id): got nothing; wanted an id; fill it in or remove the line.")]
    [InlineData("1,2,3\n1,\"4,4\n", "f.csv, line 2, field 2 (column id): got a quotation mark that is never closed; wanted quotation marks in pairs around a whole field; mend the line.")]
    [InlineData("1,2,3\n\"1\"x,4,4\n", "f.csv, line 2, field 1 (row id): got text behind a closing quotation mark; wanted quotation marks in pairs around a whole field; mend the line.")]
    [InlineData("1,2,3\n1,a\u0007b,4\n", "f.csv, line 2, field 2 (column id): got 'a?b'; wanted text in UTF-8 without control characters; save the file as UTF-8 text.")]
    [InlineData("1,2,3\n1,2\0,3\n", "f.csv: got binary data; wanted a text; export it as CSV, MatrixMarket, NPY, PGM or PNG.")]
    [InlineData("PK\u0003\u0004aaaa", "f.csv: got a zip archive; wanted a text; unpack it and name one of its files.")]
    [InlineData("1,2,3\n1,2,4\n", "f.csv, line 2, fields 1 and 2: got a second value for '1' and '2', which line 1 has given; wanted one value for each pair; remove one, or say what to do with duplicates (keep the last, or their mean).")]
    public void Read_BadText_SaysWhereAndWhy(string text, string message) => Assert.Equal(message, Reading.Fault(text));

    [Theory]
    [InlineData("user,item,stars", "f.csv, line 1: got no field 'stars' among 'user', 'item', 'rating'; wanted one of these names or a number from 1 to 3; name the fields of row id, column id and value.")]
    [InlineData("1,2,4", "f.csv, line 1: got no field '4' among 'user', 'item', 'rating'; wanted one of these names or a number from 1 to 3; name the fields of row id, column id and value.")]
    public void Read_WrongColumnName_ListsThoseThatExist(string columns, string message) =>
        Assert.Equal(message, Reading.Fault("user,item,rating\n1,2,3\n", new RatingsOptions { Columns = columns }));

    [Fact]
    public void Read_ColumnNameWithoutHeader_AsksForNumbers() => Assert.Equal(
        "f.csv, line 1: got 3 fields without names and no field 'user'; wanted numbers from 1 to 3; name the fields of row id, column id and value.",
        Reading.Fault("1,2,3\n", new RatingsOptions { Columns = "user,item,rating" }));

    [Fact]
    public void Read_OutOfRange_NamesTheRange() => Assert.Equal(
        "f.csv, line 2, field 3 (value): got '6'; wanted a value from 1 to 5; mend or remove the line, or allow a wider range.",
        Reading.Fault("1,2,3\n1,3,6\n", new RatingsOptions { Minimum = 1, Maximum = 5 }));

    [Fact]
    public void Read_OnlyBadLines_IsAFaultEvenWhenTheyAreLeftOut() => Assert.Equal(
        "f.csv: got 2 lines and none that can be read (f.csv, line 1, field 3 (value): got 'NaN'; wanted a finite number; mend or remove the line); wanted at least one entry; check that the export finished.",
        Reading.Fault("1,2,NaN\n2,3,\n", new RatingsOptions { BadLines = BadLinePolicy.LeaveOut }));

    [Fact]
    public void Read_Latin1_AsksForUtf8() => Assert.Equal(
        "f.csv, line 2, field 1 (row id): got 'Zo?'; wanted text in UTF-8 without control characters; save the file as UTF-8 text.",
        Reading.Fault([.. "a,b,1\nZo"u8, 0xEB, .. ",b,2\n"u8]));

    [Fact]
    public void Read_Utf16_AsksForUtf8() => Assert.Equal(
        "f.csv: got a UTF-16 text; wanted a text; save it as UTF-8.",
        Reading.Fault([0xFF, 0xFE, (byte)'1', 0]));

    [Fact]
    public void Read_EndlessLine_IsRefused() => Assert.Equal(
        "f.csv, line 2: got a line longer than 1048576 bytes; wanted one entry per line; check that this is a text file with line feeds between its lines.",
        Reading.Fault("1,2,3\n" + new string('7', 3_000_000)));

    [Fact]
    public void Read_MissingFile_SaysWhereItLooked()
    {
        using var folder = new ScratchFolder();
        var path = folder["absent.csv"];

        var error = Assert.Throws<FileNotFoundException>(
            () => RatingsReader.Read(path, cancellation: TestContext.Current.CancellationToken));

        Assert.Equal($"{path}: there is no such file (looked in {folder.Path}); check the path.", error.Message);
    }

    [Fact]
    public void Read_Folder_IsRefused()
    {
        using var folder = new ScratchFolder();

        var error = Assert.Throws<InvalidDataException>(
            () => RatingsReader.Read(folder.Path, cancellation: TestContext.Current.CancellationToken));

        Assert.Equal($"{folder.Path}: got a folder; wanted a file; name one of the files in it.", error.Message);
    }

    [Fact]
    public void Read_Cancelled_Stops()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() => RatingsReader.Read(new MemoryStream([.. "1,2,3\n"u8]), "f.csv", cancellation: stop.Token));
    }

    [Fact]
    public void Options_WithFaults_NameThemAll()
    {
        var options = new RatingsOptions { Delimiter = "5", Minimum = 2, Maximum = 1, Hide = 1, Threads = -1 };

        var error = Assert.Throws<ArgumentException>(() => Reading.Text("1,2,3\n", options));

        Assert.Equal(
            "Delimiter: got '5'; wanted a tab, a space, '::' or one punctuation mark; "
            + "Minimum, Maximum: got 2 and 1; wanted finite numbers in order; "
            + "Hide: got 1; wanted 0 to below 1; Threads: got -1; wanted 0 to 1024. (Parameter 'options')",
            error.Message);
    }

    [Fact]
    public void Options_ColumnsOfTheWrongNumber_AreRefused()
    {
        var two = Assert.Throws<ArgumentException>(() => Reading.Text("1,2,3\n", new RatingsOptions { Columns = "1,2" }));
        var same = Assert.Throws<ArgumentException>(() => Reading.Text("1,2,3\n", new RatingsOptions { Columns = "1,2,2" }));

        Assert.StartsWith("columns: got '1,2', 2 fields; wanted three: row id, column id and value.", two.Message, StringComparison.Ordinal);
        Assert.StartsWith("columns: got '1,2,2'; wanted 3 different fields.", same.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_MaskForAList_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => Reading.Text("1,2,3\n", new RatingsOptions { Hide = 0.5 }));

        Assert.StartsWith("a mask or a hidden share: got the form Delimited; wanted an image or a dense matrix (format).", error.Message, StringComparison.Ordinal);
    }
}
