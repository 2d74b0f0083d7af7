using LowRank.FineTuning.Data;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Data;

/// <summary>Formats and columns.</summary>
public sealed class ExampleReaderTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Csv_GuessesTextAndLabelAndSaysSo()
    {
        var set = Read("a.csv", "text,label\n\"good, \"\"very\"\" good\",pos\n\"two\nlines\",neg\nbad \"film\",neg\n");

        Assert.Equal(["good, \"very\" good", "two\nlines", "bad \"film\""], set.Examples.Select(one => one.Text));
        Assert.Equal([1, 0, 0], set.ClassIndices());
        Assert.Equal(["neg", "pos"], set.Labels!.Names);
        Assert.Equal(["guessed the text: 'text'", "guessed the label: 'label'"], set.Report.Notes);
        Assert.Null(set.Examples[0].TextPair);
        Assert.Equal([new("neg", 2), new LabelCount("pos", 1)], set.Report.LabelCounts);
    }

    [Fact]
    public void Read_CsvWithSemicolons_SaysSo()
    {
        var set = Read("a.csv", "text;label\nyes, sir;a\nno;b\n");

        Assert.Equal("yes, sir", set.Examples[0].Text);
        Assert.Contains("the columns are separated by ';'", set.Report.Notes);
    }

    [Fact]
    public void Read_CsvWithMarkAndWindowsLines_IsRead()
    {
        File.WriteAllText(_folder["a.csv"], "text,label\r\nä,1\r\n\r\nb,0\r\n", new System.Text.UTF8Encoding(true));

        var set = ExampleReader.Read(_folder["a.csv"]);

        Assert.Equal(["ä", "b"], set.Examples.Select(one => one.Text));
        Assert.Equal("text", set.Report.TextColumn);
    }

    [Fact]
    public void Read_CsvInUtf16_IsRead()
    {
        File.WriteAllText(_folder["a.csv"], "text,label\nä,1\nb,0\n", System.Text.Encoding.Unicode);

        Assert.Equal("ä", ExampleReader.Read(_folder["a.csv"]).Examples[0].Text);
    }

    [Fact]
    public void Read_Tsv_TakesQuotesAsTheyAre()
    {
        var set = Read("a.tsv", "sentence\tlabel\n\"half a quote\t1\nthe \"end\"\t0\n");

        Assert.Equal(["\"half a quote", "the \"end\""], set.Examples.Select(one => one.Text));
    }

    [Fact]
    public void Read_QuotedTsv_TakesQuotesOff()
    {
        var set = Read("a.tsv", "text\tlabel\n\"a\ttab\"\t1\nb\t0\n", new() { QuotedTsv = true });

        Assert.Equal("a\ttab", set.Examples[0].Text);
    }

    [Fact]
    public void Read_WithoutHeader_NumbersTheColumns()
    {
        var set = Read("a.tsv", "x\tgood\tpos\ny\tbad\tneg\n",
            new() { HasHeader = false, TextColumn = "2", LabelColumn = "3" });

        Assert.Equal(["good", "bad"], set.Examples.Select(one => one.Text));
        Assert.Equal(2, set.Report.Rows);
    }

    [Theory]
    [InlineData("a.jsonl", "{\"text\":\"a\",\"label\":1}\n\n{\"label\":0,\"text\":\"b\",\"extra\":[1]}\n")]
    [InlineData("a.json", "[{\"text\":\"a\",\"label\":1},{\"label\":0,\"text\":\"b\"}]")]
    [InlineData("a.json", "{\"0\":{\"text\":\"a\",\"label\":true},\"1\":{\"label\":false,\"text\":\"b\"}}")]
    [InlineData("a.json", "{\"text\":\"a\",\"label\":\"1\"}\n{\"label\":\"0\",\"text\":\"b\"}\n")]
    [InlineData("a.json", "\n[\n{\"text\":\"a\",\"label\":\"yes\"},\n{\"label\":\"no\",\"text\":\"b\"}\n]\n")]
    public void Read_JsonInEachShape_GivesTheSame(string name, string json)
    {
        var set = Read(name, json);

        Assert.Equal(["a", "b"], set.Examples.Select(one => one.Text));
        Assert.Equal([1, 0], set.ClassIndices());
    }

    [Fact]
    public void Read_JsonOfOneRow_IsARow()
    {
        Assert.Equal("a", Assert.Single(Read("a.json", "{\"text\":\"a\",\"label\":1}").Examples).Text);
    }

    [Theory]
    [InlineData("text_a,text_b,label", "text_a", "text_b", "label")]
    [InlineData("id,Premise,Hypothesis,label", "Premise", "Hypothesis", "label")]
    [InlineData("question1,question2,is_duplicate", "question1", "question2", "is_duplicate")]
    [InlineData("text,label,label_text", "text", null, "label")]
    [InlineData("id,review,stars,date", "review", null, "stars")]
    [InlineData("blurb,label", "blurb", null, "label")]
    [InlineData("text,verdict", "text", null, "verdict")]
    [InlineData("text,title,content,sentiment", "text", null, "sentiment")]
    public void Read_ObviousColumns_AreGuessed(string header, string text, string? pair, string label)
    {
        var count = header.Split(',').Length;
        var set = Read("a.csv", $"{header}\n{Row(count, "x")}\n{Row(count, "y")}\n");

        Assert.Equal((text, pair, label), (set.Report.TextColumn, set.Report.TextPairColumn, set.Report.LabelColumn));
    }

    [Theory]
    [InlineData("a,b,c", "no column is obviously the text; it has a, b, c. Name one of them as the text column.")]
    [InlineData("content,review,label", "any of content, review could be the text")]
    [InlineData("text,score,rating", "no column is obviously the label; it has text, score, rating")]
    [InlineData("text,label,text", "two columns are named 'text'")]
    public void Read_NothingObvious_ListsTheColumns(string header, string words) =>
        AssertRefused(words, "a.csv", $"{header}\n1,2,3\n");

    [Fact]
    public void Read_ColumnThatDoesNotExist_ListsThoseThatDo()
    {
        AssertRefused("no column 'txt' for the text; it has text, label.", "a.csv", "text,label\na,1\n",
            new() { TextColumn = "txt" });
        AssertRefused("no column 'y' for the label", "a.jsonl", "{\"text\":\"a\"}\n", new() { LabelColumn = "y" });
        AssertRefused("no column 'z' for the text pair", "a.csv", "text,label\na,1\n", new() { TextPairColumn = "z" });
        AssertRefused("wanted different columns", "a.csv", "text,label\na,1\n",
            new() { TextColumn = "text", LabelColumn = "text" });
    }

    [Fact]
    public void Read_ColumnsGiven_AreTakenInAnyCase()
    {
        var set = Read("a.csv", "Body,Other,Mark\na,b,1\nc,d,0\n",
            new() { TextColumn = "body", TextPairColumn = "other", LabelColumn = "mark" });

        Assert.Equal(new Example("a", "b", 1), set.Examples[0]);
        Assert.Empty(set.Report.Notes);
    }

    [Fact]
    public void Read_RowsWithoutTextOrLabel_AreDroppedAndReported()
    {
        var set = Read("a.csv", "text,label\na,1\n ,1\nb,\nc,0\n,\n");

        Assert.Equal(2, set.Count);
        Assert.Equal(5, set.Report.Rows);
        Assert.Equal(2, set.Report.Kept);
        Assert.Equal(["2 without a text at 3 6", "1 without a label at 4"], set.Report.Dropped.Select(drop =>
            $"{drop.Count} {drop.Reason} at {string.Join(' ', drop.Lines)}"));
    }

    [Fact]
    public void Read_RepeatedTexts_AreKeptAndNoted()
    {
        var set = Read("a.csv", "text,label\na,1\na,1\nb,0\na,0\nb,1\nc,0\n");

        Assert.Equal(6, set.Count);
        Assert.Contains(
            "3 rows repeat the text of an earlier row, 2 of them with another label (first at line 5)", set.Report.Notes);
        Assert.DoesNotContain(
            Read("b.csv", "text_a,text_b,label\na,b,1\na,c,0\n").Report.Notes,
            note => note.Contains("repeat", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_PairWithOneEmptyText_IsKept()
    {
        var set = Read("a.csv", "text_a,text_b,label\n,b,1\na,,0\n,,0\n");

        Assert.Equal([new("", "b", 1), new Example("a", "", 0)], set.Examples);
    }

    [Theory]
    [InlineData("a.csv", "", "no rows")]
    [InlineData("a.csv", "text,label\n", "no rows")]
    [InlineData("a.jsonl", "\n\n", "no rows")]
    [InlineData("a.json", "[]", "no rows")]
    [InlineData("a.csv", "text,label\na,\n", "none of 1 rows is left (1 without a label)")]
    [InlineData("a.csv", "text,label\na,1\nb\n", "line 3: 1 fields; wanted 2, one for each column (text, label)")]
    [InlineData("a.csv", "text,label\na,b,1\n", "line 2: 3 fields; wanted 2")]
    [InlineData("a.csv", "text,label\n\n\"a\nb\",1\n\"open,0\nc,1\n", "line 5: a quote opens a field and none closes")]
    [InlineData("a.jsonl", "{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":}\n", "line 2: not JSON")]
    [InlineData("a.jsonl", "{\"text\":\"a\",\"label\":1}\n[1]\n", "line 2: [1]; wanted an object of columns")]
    [InlineData("a.json", "[{\"text\":\"a\",\n\"label\":}]", "line 2: not JSON")]
    [InlineData("a.json", "[1]", "row 1: 1; wanted an object")]
    [InlineData("a.json", "3", "3; wanted a list of objects")]
    [InlineData("a.json", "{\"text\":[\"a\"],\"label\":[1]}", "an object of lists")]
    [InlineData("a.jsonl", "{\"text\":[1],\"label\":1}\n", "line 1: column 'text' holds a list")]
    [InlineData("a.jsonl", "{\"text\":\"\\ud800\",\"label\":1}\n", "line 1: holds a text that is not Unicode")]
    [InlineData("a.parquet", "nothing", "not a readable Parquet file")]
    public void Read_FaultyFile_IsRefusedWithItsPlace(string name, string text, string words) =>
        AssertRefused(words, name, text);

    [Theory]
    [InlineData("a.csv")]
    [InlineData("a.jsonl")]
    [InlineData("a.json")]
    public void Read_BytesThatAreNoText_AreRefused(string name)
    {
        File.WriteAllBytes(_folder[name], [.. "text,label\n"u8, 0xE9, (byte)',', (byte)'1', (byte)'\n']);

        var fault = Assert.Throws<InvalidDataException>(() => ExampleReader.Read(_folder[name]));

        Assert.Contains("not UTF-8", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Save the file as UTF-8", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AbsentFileOrUnknownFormat_IsRefused()
    {
        Assert.Throws<FileNotFoundException>(() => ExampleReader.Read(_folder["absent.csv"]));
        Assert.Throws<FileNotFoundException>(() => ExampleReader.Read(_folder["absent.parquet"]));
        Assert.Throws<FileNotFoundException>(() => ExampleReader.Read(_folder["a.doc"]));
        File.WriteAllText(_folder["a.doc"], "text,label\na,1\n");
        var fault = Assert.Throws<ArgumentException>(() => ExampleReader.Read(_folder["a.doc"]));
        Assert.Contains("wanted .csv, .tsv", fault.Message, StringComparison.Ordinal);
        Assert.Single(ExampleReader.Read(_folder["a.doc"], new() { Format = DataFormat.Csv }).Examples);
    }

    [Fact]
    public void Read_WithoutLabels_LeavesThemOut()
    {
        var set = Read("a.csv", "text,label\na,1\n,2\n", new() { WithLabels = false });

        Assert.Equal([new("a"), new Example("")], set.Examples);
        Assert.Equal(LabelKind.None, set.Kind);
        Assert.Null(set.Report.LabelColumn);
    }

    [Fact]
    public void ReadTexts_Stream_IsReadRowByRow()
    {
        using var text = new StringReader("{\"text\":\"a\"}\n{\"text\":\"\"}\n{\"label\":1}\n");

        using var texts = ExampleReader.ReadTexts(text, "standard input", DataFormat.JsonLines).GetEnumerator();

        Assert.True(texts.MoveNext());
        Assert.Equal(new Example("a"), texts.Current);
        Assert.True(texts.MoveNext());
        Assert.Equal("", texts.Current.Text);
        var fault = Assert.Throws<InvalidDataException>(() => texts.MoveNext());
        Assert.Equal("standard input, line 3: no 'text'; wanted the same columns in each row.", fault.Message);
    }

    [Fact]
    public void ReadTexts_File_ClosesItAfterTheLast()
    {
        File.WriteAllText(_folder["a.csv"], "only\none\ntwo\n");

        Assert.Equal(["one", "two"], ExampleReader.ReadTexts(_folder["a.csv"]).Select(one => one.Text));
        File.Delete(_folder["a.csv"]);
    }

    [Fact]
    public void Read_OpenText_IsNamedAsAsked()
    {
        var fault = Assert.Throws<InvalidDataException>(() =>
            ExampleReader.Read(new StringReader("a,b,c\n1,2,3\n"), "the upload", DataFormat.Csv));

        Assert.StartsWith("the upload: no column", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() =>
            ExampleReader.Read(new StringReader(""), "the upload", DataFormat.Parquet));
    }

    [Fact]
    public void ToString_OfAReport_SaysAllOfIt()
    {
        var report = Read("a.csv", "text,label\nabc,x\n,x\nde,y\nf,x\n").Report with { Source = "a.csv" };

        Assert.Equal("""
            a.csv: 4 rows, 3 kept
              dropped: 1 without a text (at 3)
              columns: text 'text', label 'label'
              labels: x 2, y 1
              characters: 1 to 3, mean 2.0, median 2, 95 % up to 3
              note: guessed the text: 'text'
              note: guessed the label: 'label'

            """, report.ToString());
    }

    private static string Row(int columns, string prefix) =>
        string.Join(',', Enumerable.Range(0, columns).Select(column => $"{prefix}{column}"));

    private ExampleSet Read(string name, string text, ExampleReaderOptions? options = null)
    {
        File.WriteAllText(_folder[name], text);
        return ExampleReader.Read(_folder[name], options);
    }

    private void AssertRefused(string words, string name, string text, ExampleReaderOptions? options = null)
    {
        var fault = Assert.Throws<InvalidDataException>(() => Read(name, text, options));
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.StartsWith(_folder[name], fault.Message, StringComparison.Ordinal);
    }
}
