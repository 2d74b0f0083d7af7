using LowRank.Completion.Input;

namespace LowRank.Tests.Completion.Input;

public sealed class DuplicateTests
{
    private const string Text = "a,x,1\nb,x,2\n\na,y,3\na,x,7\nb,x,4\na,x,4\n";

    [Fact]
    public void Refuse_NamesTheFirstRepeatedLineAndItsForerunner() => Assert.StartsWith(
        "f.csv, line 5, fields 1 and 2: got a second value for 'a' and 'x', which line 1 has given;",
        Reading.Fault(Text),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(DuplicatePolicy.KeepLast, new[] { "a x 4", "b x 4", "a y 3" })]
    [InlineData(DuplicatePolicy.Mean, new[] { "a x 4", "b x 3", "a y 3" })]
    public void Settle_LeavesOneValuePerPair_InThePlaceOfTheFirst(DuplicatePolicy policy, string[] entries)
    {
        var data = Reading.Text(Text, new RatingsOptions { Duplicates = policy });

        Assert.Equal(entries, Reading.Entries(data.Observed));
        Assert.Equal((3, policy), (data.Report.Duplicates, data.Report.DuplicatePolicy));
        Assert.Contains($"3 duplicates ({policy})", data.Report.ToSummary(), StringComparison.Ordinal);
    }

    [Fact]
    public void Mean_OfHugeValues_StaysFinite()
    {
        var data = Reading.Text("a,x,1.5e308\na,x,1.5e308\n", new RatingsOptions { Duplicates = DuplicatePolicy.Mean });

        Assert.Equal(1.5e308, data.Observed.Values[0]);
        Assert.Equal(1.5e308, data.Report.Mean);
    }

    [Fact]
    public void Refuse_InAHugeSparseMatrix_NeedsNoTableOfItsRows()
    {
        var text = "%%MatrixMarket matrix coordinate real general\n2000000000 2000000000 3\n1 1 5\n2000000000 3 1\n1 1 6\n";

        Assert.StartsWith(
            "f.csv, line 5: got a second value for '1' and '1', which line 3 has given;", Reading.Fault(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void Exist_AgreesWithASet_ForAnyNumberOfThreads(int threads)
    {
        var random = new Random(5);
        for (var trial = 0; trial < 200; trial++)
        {
            var (rowCount, columnCount) = (random.Next(1, 9), random.Next(1, 9));
            var count = random.Next(0, 14);
            var rows = Enumerable.Range(0, count).Select(_ => random.Next(rowCount)).ToArray();
            var columns = Enumerable.Range(0, count).Select(_ => random.Next(columnCount)).ToArray();

            var expected = rows.Zip(columns).Distinct().Count() < count;

            Assert.Equal(expected, DuplicateEntries.Exist(rows, columns, rowCount, columnCount, threads));
        }
    }
}
