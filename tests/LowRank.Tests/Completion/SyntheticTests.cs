using LowRank.Completion;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Tests.Completion;

public sealed class SyntheticTests
{
    private static readonly SyntheticRatingsOptions Options = new() { Rows = 300, Columns = 200, Rank = 6, Entries = 40_000 };

    [Fact]
    public void Ratings_WithoutNoise_AreTheTruthAtDistinctCells()
    {
        var ratings = SyntheticRatings.Create(Options, Seed.From(1));
        var matrix = ratings.Observed;

        Assert.Equal((300, 200, 40_000), (matrix.RowCount, matrix.ColumnCount, matrix.Count));
        Assert.Equal(40_000, matrix.Rows.ToArray().Zip(matrix.Columns.ToArray()).Distinct().Count());
        for (var k = 0; k < matrix.Count; k += 97)
        {
            Assert.Equal(ratings.Truth(matrix.Rows[k], matrix.Columns[k]), matrix.Values[k]);
        }
    }

    [Fact]
    public void Ratings_HaveVarianceOne_AndTheNoiseAskedFor()
    {
        var ratings = SyntheticRatings.Create(Options with { Noise = 0.1, Rank = 16 }, Seed.From(2));
        var matrix = ratings.Observed;
        var truth = Enumerable.Range(0, matrix.Count).Select(k => ratings.Truth(matrix.Rows[k], matrix.Columns[k])).ToArray();
        var noise = truth.Select((t, k) => matrix.Values[k] - t).ToArray();

        // Rows and columns share factors, so the variance of the truth spreads by a few percent.
        Assert.InRange(truth.Average(t => t * t), 0.9, 1.1);
        Assert.InRange(noise.Average(), -0.0025, 0.0025);
        Assert.InRange(Math.Sqrt(noise.Average(e => e * e)), 0.0975, 0.1025);
    }

    // A chi-squared test of the cells' rows, columns and halves of the order against uniform chances.
    [Fact]
    public void Ratings_CellsAreUniform()
    {
        var matrix = SyntheticRatings.Create(Options with { Entries = 6_000 }, Seed.From(3)).Observed;
        var (rows, columns) = (matrix.Rows.ToArray(), matrix.Columns.ToArray());

        // Deviations are sqrt(2 x degrees): five of them.
        Assert.InRange(ChiSquared(rows, 300), 299 - (5 * 24.5), 299 + (5 * 24.5));
        Assert.InRange(ChiSquared(columns, 200), 199 - (5 * 20), 199 + (5 * 20));
        var blocks = rows.Zip(columns, (r, c) => (r / 30 * 10) + (c / 20)).ToArray();
        Assert.InRange(ChiSquared(blocks, 100), 99 - (5 * 14), 99 + (5 * 14));
        Assert.InRange(ChiSquared(blocks[..3000], 100), 99 - (5 * 14), 99 + (5 * 14));
    }

    [Fact]
    public void Ratings_OfEveryCell_CoverTheMatrix()
    {
        var matrix = SyntheticRatings.Create(new() { Rows = 7, Columns = 11, Rank = 2, Entries = 77 }, Seed.From(4)).Observed;

        Assert.Equal(77, matrix.Rows.ToArray().Zip(matrix.Columns.ToArray()).Distinct().Count());
        Assert.Equal(1, SyntheticRatings.Create(new() { Rows = 1, Columns = 1, Rank = 1, Entries = 1 }, Seed.From(4)).Observed.Count);
    }

    [Fact]
    public void Ratings_DependOnTheSeedAlone_AndCanBeRounded()
    {
        var first = SyntheticRatings.Create(Options with { Noise = 0.1, Decimals = 2 }, Seed.From(5)).Observed;
        var again = SyntheticRatings.Create(Options with { Noise = 0.1, Decimals = 2 }, Seed.From(5)).Observed;
        var other = SyntheticRatings.Create(Options with { Noise = 0.1, Decimals = 2 }, Seed.From(6)).Observed;

        Assert.Equal(first.Values.ToArray(), again.Values.ToArray());
        Assert.Equal(first.Rows.ToArray(), again.Rows.ToArray());
        Assert.NotEqual(first.Rows.ToArray(), other.Rows.ToArray());
        Assert.All(first.Values.ToArray(), v => Assert.Equal(Math.Round(v, 2), v));
    }

    [Fact]
    public void Ratings_OptionsOutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticRatings.Create(Options with { Entries = 60_001 }, Seed.From(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticRatings.Create(Options with { Rank = 0 }, Seed.From(0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => SyntheticRatings.Create(Options with { Noise = double.NaN }, Seed.From(0)));
    }

    [Fact]
    public void Matrix_HasTheRankAndTheParts()
    {
        var parts = SyntheticMatrix.Create(30, 20, 3, 0.4, Seed.From(1));
        var cells = new double[600];
        foreach (var part in new[] { parts.Train, parts.HeldOut })
        {
            for (var k = 0; k < part.Count; k++)
            {
                cells[(part.Rows[k] * 20) + part.Columns[k]] += part.Values[k];
            }
        }

        using var target = torch.tensor(cells).reshape(30, 20);
        Assert.Equal((240, 360), (parts.Train.Count, parts.HeldOut.Count));
        Assert.Equal(3, Spectrum.NumericalRank(Spectrum.SingularValues(target)));
    }

    private static double ChiSquared(int[] values, int kinds)
    {
        var expected = values.Length / (double)kinds;
        return values.GroupBy(v => v).Sum(g => (g.Count() - expected) * (g.Count() - expected) / expected)
            + ((kinds - values.Distinct().Count()) * expected);
    }
}
