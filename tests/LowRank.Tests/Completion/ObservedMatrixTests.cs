using LowRank.Completion;
using LowRank.Tensors;

namespace LowRank.Tests.Completion;

public sealed class ObservedMatrixTests
{
    private static readonly ObservedMatrix Small = new(
        2, 3, [0, 0, 1, 1], [0, 2, 1, 2], [1, 2, 3, 4], new IdMap(["a", "b"]), new IdMap(["x", "y", "z"]));

    [Fact]
    public void Constructor_BadEntries_AreRefused()
    {
        Assert.StartsWith("entry 1: got row 2, column 0, value 5; wanted a finite value inside 2 x 1.", Fault([0, 2], [0, 0], [1, 5]), StringComparison.Ordinal);
        Assert.StartsWith("entry 0: got row 0, column -1, value 1;", Fault([0], [-1], [1]), StringComparison.Ordinal);
        Assert.StartsWith("entry 0: got row 0, column 0, value NaN;", Fault([0], [0], [double.NaN]), StringComparison.Ordinal);
        Assert.StartsWith("got 1 rows, 2 columns and 2 values; wanted equal lengths.", Fault([0], [0, 0], [1, 2]), StringComparison.Ordinal);

        static string Fault(int[] rows, int[] columns, double[] values) =>
            Assert.Throws<ArgumentException>(() => new ObservedMatrix(2, 1, rows, columns, values)).Message;
    }

    [Fact]
    public void Constructor_IdsOfAnotherNumber_AreRefused() => Assert.StartsWith(
        "got 1 ids for 2 rows or columns; wanted one each.",
        Assert.Throws<ArgumentException>(() => new ObservedMatrix(2, 1, [0], [0], [1], new IdMap(["a"]))).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Transpose_ExchangesRowsAndColumns()
    {
        var turned = Small.Transpose();

        Assert.Equal((3, 2), (turned.RowCount, turned.ColumnCount));
        Assert.Equal(Small.Columns.ToArray(), turned.Rows.ToArray());
        Assert.Equal(Small.Rows.ToArray(), turned.Columns.ToArray());
        Assert.Equal((Small.ColumnIds, Small.RowIds), (turned.RowIds, turned.ColumnIds));
    }

    [Fact]
    public void Subset_KeepsOrderSizeAndIds()
    {
        var some = Small.Subset([3, 0]);

        Assert.Equal([4, 1], some.Values.ToArray());
        Assert.Equal([1, 0], some.Rows.ToArray());
        Assert.Equal((2, 3, Small.RowIds), (some.RowCount, some.ColumnCount, some.RowIds));
        Assert.Equal(0, Small.Subset([]).Count);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    [InlineData(2)]
    public void Subset_PlaceOutsideOrTwice_IsRefused(int place) =>
        Assert.Throws<ArgumentException>(() => Small.Subset([2, place]));

    [Theory]
    [InlineData(0.1, 100)]
    [InlineData(0.0004, 0)]
    [InlineData(0.0005, 1)]
    [InlineData(0.9, 900)]
    public void Split_PartsTheEntries(double share, int heldOut)
    {
        var matrix = Line(1000);
        if (heldOut == 0)
        {
            var error = Assert.Throws<InvalidOperationException>(() => matrix.Split(Seed.From(1), share));
            Assert.Equal("holding out 0.0004 of 1000 entries leaves one part empty; wanted at least one entry in each.", error.Message);
            return;
        }

        var (train, test) = matrix.Split(Seed.From(1), share);

        Assert.Equal(heldOut, test.Count);
        Assert.Equal(matrix.Values.ToArray(), train.Values.ToArray().Concat(test.Values.ToArray()).Order().ToArray());
        Assert.Equal(train.Values.ToArray().Order().ToArray(), train.Values.ToArray());
        Assert.Equal((matrix.RowCount, matrix.ColumnCount), (test.RowCount, test.ColumnCount));
    }

    [Fact]
    public void Split_DependsOnTheSeedAlone()
    {
        var matrix = Line(1000);

        Assert.Equal(HeldOut(1), HeldOut(1));
        Assert.NotEqual(HeldOut(1), HeldOut(2));

        double[] HeldOut(long seed) => matrix.Split(Seed.From(seed), 0.1).HeldOut.Values.ToArray();
    }

    // Each entry is held out with the same chance: over many seeds, none is left out and none stands out.
    [Fact]
    public void Split_HoldsOutEveryEntryEquallyOften()
    {
        var times = new int[20];
        for (var seed = 0; seed < 4000; seed++)
        {
            foreach (var value in Line(20).Split(Seed.From(seed), 0.25).HeldOut.Values)
            {
                times[(int)value]++;
            }
        }

        // Mean 1000, deviation 27: five deviations.
        Assert.All(times, t => Assert.InRange(t, 863, 1137));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Split_ShareOutsideZeroAndOne_IsRefused(double share) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Line(10).Split(Seed.From(0), share));

    [Theory]
    [InlineData(2, 10)]
    [InlineData(5, 13)]
    [InlineData(7, 7)]
    public void Folds_HoldOutEveryEntryOnce(int count, int entries)
    {
        var folds = Line(entries).Folds(count, Seed.From(4)).ToList();

        Assert.Equal(count, folds.Count);
        Assert.Equal(Enumerable.Range(0, entries).Select(i => (double)i), folds.SelectMany(f => f.HeldOut.Values.ToArray()).Order());
        Assert.All(folds, f => Assert.Equal(entries, f.Train.Count + f.HeldOut.Count));
        Assert.All(folds, f => Assert.Empty(f.Train.Values.ToArray().Intersect(f.HeldOut.Values.ToArray())));
        Assert.True(folds.Max(f => f.HeldOut.Count) - folds.Min(f => f.HeldOut.Count) <= 1);
    }

    [Fact]
    public void Folds_TooFewOrTooMany_AreRefusedAtOnce()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Line(10).Folds(1, Seed.From(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Line(10).Folds(11, Seed.From(0)));
    }

    // Entry k has the value k.
    private static ObservedMatrix Line(int count) => new(
        count,
        1,
        [.. Enumerable.Range(0, count)],
        new int[count],
        [.. Enumerable.Range(0, count).Select(k => (double)k)]);
}
