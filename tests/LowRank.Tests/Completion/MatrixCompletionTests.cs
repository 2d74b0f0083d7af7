using LowRank.Completion;
using LowRank.Factorization;
using LowRank.Tensors;

namespace LowRank.Tests.Completion;

public sealed class MatrixCompletionTests
{
    private static readonly MatrixCompletionOptions Exact = new() { Biases = false, Clamp = false, Validation = 0 };

    [Fact]
    public void Defaults_AreDocumented()
    {
        var options = new MatrixCompletionOptions();
        Assert.Null(options.Rank);
        Assert.True(options.Biases);
        Assert.True(options.Clamp);
        Assert.Equal(0.05, options.Validation);
        Assert.Equal(new VariationalBayes { MaxSweeps = 100, Tolerance = 5e-4 }, options.Method);
        Assert.Equal(
            new CompressedDescent
            {
                Depth = 3,
                Gamma = 0.01,
                InitialScale = 1e-3,
                StepSize = null,
                WeightDecay = 0,
                MaxSteps = 100_000,
                CheckEvery = 100,
                Tolerance = 1e-10,
                Patience = 20,
                Start = DescentStart.Compressed,
            },
            new CompressedDescent());
    }

    [Fact]
    public void Fit_ExactLowRank_RecoversEveryCell()
    {
        var truth = SyntheticRatings.Create(new() { Rows = 120, Columns = 90, Rank = 3, Entries = 4_000 }, Seed.From(1));
        var model = new MatrixCompletion(Exact with { Rank = 5 }).Fit(truth.Observed, stop: Stop);
        Assert.Equal(StopReason.ToleranceReached, model.Report.StopReason);
        Assert.Equal(3, model.Report.Width); // the two directions too many have shrunk away
        Assert.True(LargestError(model, truth) < 1e-6);
    }

    [Fact]
    public void Fit_ExactLowRankInSinglePrecision_RecoversToItsDigits()
    {
        var truth = SyntheticRatings.Create(new() { Rows = 120, Columns = 90, Rank = 3, Entries = 4_000 }, Seed.From(1));
        var method = new VariationalBayes { Precision = CompletionPrecision.Float32 };
        var model = new MatrixCompletion(Exact with { Rank = 3, Method = method }).Fit(truth.Observed, stop: Stop);
        Assert.Equal(CompletionPrecision.Float32, model.Report.Precision);
        Assert.True(LargestError(model, truth) < 1e-3);
    }

    [Fact]
    public void Fit_NoisyData_BeatsBiasesAloneAndTheOverestimatedRankCostsLittle()
    {
        var truth = SyntheticRatings.Create(
            new() { Rows = 300, Columns = 200, Rank = 4, Entries = 12_000, Noise = 0.3 }, Seed.From(2));
        double Error(int rank) => RootMeanSquare(new MatrixCompletion(new() { Rank = rank, Clamp = false }).Fit(truth.Observed, stop: Stop), truth);
        var (biases, right, wide) = (Error(0), Error(4), Error(20));
        Assert.True(right < biases / 3, $"rank 4: {right}, biases: {biases}");
        Assert.True(wide < right * 1.15, $"rank 20: {wide}, rank 4: {right}");
    }

    [Fact]
    public void Fit_SameSeed_GivesTheSameNumbersForAnyThreadCount()
    {
        var truth = SyntheticRatings.Create(new() { Entries = 8_000, Noise = 0.2 }, Seed.From(3));
        CompletionModel Fit(int threads) => new MatrixCompletion(new() { Threads = threads }).Fit(truth.Observed, stop: Stop);
        var (one, two, again) = (Fit(1), Fit(2), Fit(2));
        for (var k = 0; k < 500; k++)
        {
            var (i, j) = (k * 7 % 1000, k * 13 % 500);
            Assert.Equal(two.Predict(i, j), again.Predict(i, j));
            Assert.Equal(one.Predict(i, j), two.Predict(i, j));
        }
    }

    [Fact]
    public void Fit_PermutedRows_PermutesPredictions()
    {
        var truth = SyntheticRatings.Create(new() { Rows = 60, Columns = 50, Rank = 2, Entries = 1_500 }, Seed.From(4));
        var data = truth.Observed;
        int[] turned = [.. data.Rows.ToArray().Select(i => 59 - i)];
        var mirrored = new ObservedMatrix(60, 50, turned, data.Columns.ToArray(), data.Values.ToArray());
        var options = Exact with { Rank = 2 };
        var (a, b) = (new MatrixCompletion(options).Fit(data, stop: Stop), new MatrixCompletion(options).Fit(mirrored, stop: Stop));
        for (var i = 0; i < 60; i++)
        {
            Assert.Equal(a.Predict(i, i % 50), b.Predict(59 - i, i % 50), 1e-6);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Fit_ConstantMatrix_PredictsTheConstant(int count)
    {
        var rows = Enumerable.Range(0, count).ToArray();
        var model = new MatrixCompletion().Fit(new(count, count, rows, rows, [.. rows.Select(_ => 3.5)]), stop: Stop);
        Assert.Equal(3.5, model.Predict(0, count - 1), 1e-12);
        Assert.Equal(3.5, model.Predict(-1, -1), 1e-12);
    }

    [Theory]
    [InlineData(1e30)]
    [InlineData(1e-30)]
    public void Fit_ExtremeUnits_PredictsInThem(double unit)
    {
        var truth = SyntheticRatings.Create(new() { Rows = 60, Columns = 50, Rank = 2, Entries = 1_500 }, Seed.From(5));
        var data = truth.Observed;
        double[] values = [.. data.Values.ToArray().Select(x => x * unit)];
        var scaled = new ObservedMatrix(60, 50, data.Rows.ToArray(), data.Columns.ToArray(), values);
        var model = new MatrixCompletion(Exact with { Rank = 2 }).Fit(scaled, stop: Stop);
        Assert.Equal(1, model.Predict(3, 4) / (truth.Truth(3, 4) * unit), 1e-6);
    }

    [Fact]
    public void Predict_UnseenRowOrColumn_FallsBackToBiases()
    {
        // Row 2 and column 2 have no entries.
        var data = new ObservedMatrix(3, 3, [0, 0, 1, 1], [0, 1, 0, 1], [5, 4, 2, 1]);
        var model = new MatrixCompletion().Fit(data, stop: Stop);
        Assert.Equal(model.Predict(-1, -1), model.Predict(2, 2), 1e-9);
        Assert.Equal(model.Predict(0, -1), model.Predict(0, 2), 1e-9);
        Assert.True(model.Predict(0, -1) > model.Predict(1, -1));
        Assert.Equal(model.Mean, model.Predict("nobody", "nothing"));
    }

    [Fact]
    public void Predict_Clamped_StaysInTheRangeSeen()
    {
        var truth = SyntheticRatings.Create(new() { Rows = 80, Columns = 60, Rank = 2, Entries = 900, Noise = 1 }, Seed.From(6));
        var model = new MatrixCompletion().Fit(truth.Observed, stop: Stop);
        var (low, high) = (truth.Observed.Values.ToArray().Min(), truth.Observed.Values.ToArray().Max());
        var row = new double[60];
        for (var i = 0; i < 80; i++)
        {
            model.PredictRow(i, row);
            Assert.All(row, x => Assert.InRange(x, low, high));
        }
    }

    [Fact]
    public void Fit_RankBeyondTheMatrix_SaysWhatIsPossible()
    {
        var data = new ObservedMatrix(3, 5, [0], [0], [1]);
        var bayes = Assert.Throws<ArgumentException>(() => new MatrixCompletion(new() { Rank = 4 }).Fit(data, stop: Stop));
        Assert.StartsWith("rank: got 4; wanted at most 3 for a matrix of 3 x 5.", bayes.Message, StringComparison.Ordinal);
        var descent = new MatrixCompletionOptions { Rank = 2, Method = new CompressedDescent() };
        var doubled = Assert.Throws<ArgumentException>(() => new MatrixCompletion(descent).Fit(data, stop: Stop));
        Assert.StartsWith("rank: got 2; wanted at most 1", doubled.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_BadOptions_ListsEveryFault()
    {
        var method = new CompressedDescent { Depth = 0, Gamma = double.NaN, StepSize = -1 };
        var e = Assert.Throws<ArgumentException>(
            () => new MatrixCompletion(new() { Rank = -1, Validation = 0.9, Method = method }));
        foreach (var name in new[] { "Rank: got -1", "Validation: got 0.9", "Depth: got 0", "Gamma: got NaN", "StepSize: got -1" })
        {
            Assert.Contains(name, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Fit_NoEntries_Refuses() =>
        Assert.Throws<ArgumentException>(() => new MatrixCompletion().Fit(new(2, 2, [], [], []), stop: Stop));

    [Fact]
    public void Fit_Cancelled_GivesTheModelSoFarAndGoesOn()
    {
        var truth = SyntheticRatings.Create(new() { Rows = 200, Columns = 150, Rank = 3, Entries = 8_000 }, Seed.From(7));
        using var stop = new CancellationTokenSource();
        var completion = new MatrixCompletion(Exact with { Rank = 3 });
        var half = completion.Fit(truth.Observed, progress: new StopAt(stop, 2), stop: stop.Token);
        Assert.Equal(StopReason.Cancelled, half.Report.StopReason);
        Assert.Equal(2, half.Report.Steps);
        var whole = completion.Fit(truth.Observed, from: half, stop: Stop);
        Assert.Equal(StopReason.ToleranceReached, whole.Report.StopReason);
        Assert.True(LargestError(whole, truth) < 1e-6);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static double LargestError(CompletionModel model, SyntheticRatings truth) =>
        Cells(truth).Max(cell => Math.Abs(model.Predict(cell.Row, cell.Column) - truth.Truth(cell.Row, cell.Column)));

    private static double RootMeanSquare(CompletionModel model, SyntheticRatings truth) =>
        Math.Sqrt(Cells(truth).Average(cell => Math.Pow(model.Predict(cell.Row, cell.Column) - truth.Truth(cell.Row, cell.Column), 2)));

    private static IEnumerable<(int Row, int Column)> Cells(SyntheticRatings truth) =>
        from row in Enumerable.Range(0, truth.Observed.RowCount)
        from column in Enumerable.Range(0, truth.Observed.ColumnCount)
        select (row, column);

    private sealed class StopAt(CancellationTokenSource source, int step) : IProgress<CompletionProgress>
    {
        public void Report(CompletionProgress value)
        {
            if (value.Step == step)
            {
                source.Cancel();
            }
        }
    }
}
