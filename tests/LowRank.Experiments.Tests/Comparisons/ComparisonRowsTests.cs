using LowRank.Experiments.Comparisons;
using LowRank.FineTuning.Data;
using LowRank.Testing;

namespace LowRank.Experiments.Tests.Comparisons;

public sealed class ComparisonRowsTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void For_AnySeed_KeepsTestTrainingAndValidationApart()
    {
        var options = Numbered(100);
        var rows = ComparisonRows.Read(options);
        Assert.Equal(20, rows.Test.Count);
        Assert.Equal(16, rows.ValidationRows); // a fifth of the other 80
        Assert.Equal(64, rows.TrainingRows);
        Assert.Equal(0, rows.SeenTestRows);
        for (var seed = 0; seed < 5; seed++)
        {
            var (training, validation) = rows.For(10, seed);
            Assert.Equal((10, 16), (training.Count, validation.Count));
            Assert.Empty(Texts(training).Intersect(Texts(validation)));
            Assert.Empty(Texts(rows.Test).Intersect(Texts(training).Concat(Texts(validation))));
            Assert.Equal([5, 5], training.Report.LabelCounts.Select(label => label.Count)); // spread as the whole
        }
    }

    [Fact]
    public void For_MoreSamples_KeepsTheValidationRows()
    {
        var rows = ComparisonRows.Read(Numbered(100));
        Assert.Equal(Texts(rows.For(10, 3).Validation), Texts(rows.For(40, 3).Validation));
        Assert.NotEqual(Texts(rows.For(10, 3).Validation), Texts(rows.For(10, 4).Validation));
        Assert.Equal(Texts(rows.For(10, 3).Training), Texts(ComparisonRows.Read(Numbered(100)).For(10, 3).Training));
    }

    [Fact]
    public void Read_FilesOfTheirOwn_AreUsedAsTheyAre()
    {
        var options = Numbered(60);
        var (test, validation) = (Write("test.csv", 1000, 12), Write("validation.csv", 2000, 14));
        options = options with
        {
            TestFile = test,
            Common = options.Common with { Data = options.Data with { ValidationFile = validation } },
        };
        var rows = ComparisonRows.Read(options);
        Assert.Equal((12, 14, 60), (rows.Test.Count, rows.ValidationRows, rows.TrainingRows));
        Assert.Equal(14, rows.For(60, 0).Validation.Count);
        Assert.Equal(60, rows.For(60, 0).Training.Count);
        var fewer = ComparisonRows.Read(options with { TestRows = 6, ValidationRows = 4 });
        Assert.Equal((6, 4), (fewer.Test.Count, fewer.ValidationRows));
        var same = ComparisonRows.Read(options with { TestFile = options.Data.TrainingFile });
        Assert.Equal(60, same.SeenTestRows);
    }

    [Fact]
    public void RequireEnough_TooManySamples_SaysHowManyThereAre()
    {
        var rows = ComparisonRows.Read(Numbered(100));
        rows.RequireEnough([64]);
        var error = Assert.Throws<ArgumentException>(() => rows.RequireEnough([16, 65]));
        Assert.Contains("samples: got 65; wanted at most 64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fingerprint_AnotherLabel_IsAnother()
    {
        var before = ComparisonRows.Read(Numbered(20)).Fingerprint();
        Assert.Equal(before, ComparisonRows.Read(Numbered(20)).Fingerprint());
        File.WriteAllText(_scratch["data.csv"], File.ReadAllText(_scratch["data.csv"]).Replace("row 7,odd", "row 7,even", StringComparison.Ordinal));
        Assert.NotEqual(before, ComparisonRows.Read(Options(_scratch["data.csv"])).Fingerprint());
    }

    private ComparisonOptions Numbered(int count) => Options(Write("data.csv", 0, count));

    private static ComparisonOptions Options(string file) => new()
    {
        Common = new() { ModelFolder = "model", Data = new() { TrainingFile = file } },
    };

    // Every text is there once, so that parts can be told apart.
    private string Write(string name, int first, int count)
    {
        File.WriteAllLines(
            _scratch[name],
            Enumerable.Range(first, count).Select(row => $"row {row},{(row % 2 == 0 ? "even" : "odd")}").Prepend("text,label"));
        return _scratch[name];
    }

    private static List<string> Texts(ExampleSet rows) => [.. rows.Examples.Select(example => example.Text)];
}
