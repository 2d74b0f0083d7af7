using System.Text.Json.Nodes;
using System.Xml.Linq;
using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Reports;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Testing;

namespace LowRank.Experiments.Tests.Reports;

/// <summary>Reports of made-up runs, whose right answers are known.</summary>
public sealed class ReportTests : IDisposable
{
    private const double Default = 0.01;
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Of_BestRate_IsChosenByValidationNotByTest()
    {
        var report = Report(
            Run("lora", 0.01, seed: 0, test: 0.9, validation: 0.5), Run("lora", 0.01, seed: 1, test: 0.9, validation: 0.5),
            Run("lora", 0.04, seed: 0, test: 0.6, validation: 0.4), Run("lora", 0.04, seed: 1, test: 0.8, validation: 0.7));
        var (best, plain) = (Assert.Single(report.AtBestRate), Assert.Single(report.AtDefaultRate));
        Assert.Equal((0.04, 2), (best.Score.LearningRate, best.RatesTried));
        Assert.Equal(0.7, best.Score.Test.Mean, 1e-12);
        Assert.Equal(0.55, best.Score.Validation, 1e-12);
        Assert.Equal((0.01, 1), (plain.Score.LearningRate, plain.RatesTried));
        Assert.Equal(0.9, plain.Score.Test.Mean, 1e-12);
        Assert.Contains("the best learning rate of lora is the highest tried in 1 of 1 case", Words(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Difference_IsPairedBySeedEachAtItsOwnBestRate()
    {
        var report = Report(
            Run("lora", 0.01, seed: 0, test: 0.5, validation: 0.9), Run("lora", 0.01, seed: 1, test: 0.9, validation: 0.9),
            Run("rslora", 0.04, seed: 0, test: 0.6, validation: 0.9), Run("rslora", 0.04, seed: 1, test: 0.8, validation: 0.9),
            Run("rslora", 0.04, seed: 2, test: 0.1, validation: 0.9));
        Assert.Null(report.AtBestRate.Single(result => result.Score.Method == "lora").AgainstBaseline);
        var against = report.AtBestRate.Single(result => result.Score.Method == "rslora").AgainstBaseline!;
        Assert.Equal((2, 1, 0, 1), (against.Count, against.Wins, against.Ties, against.Losses)); // seed 2 has no partner
        Assert.Equal(0, against.Mean, 1e-12);
        Assert.Equal(1, report.Missing);
        Assert.Contains("Unfinished: 1 run missing", Words(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_MethodWithoutRanks_MeetsTheBaselineAtItsValidatedRank()
    {
        var report = Report(
            Run("lora", 0.01, rank: 2, test: 0.9, validation: 0.6), Run("lora", 0.01, rank: 4, test: 0.5, validation: 0.8),
            Run("deep-lora-wide", 0.01, rank: 0, test: 0.7));
        var against = report.AtBestRate.Single(result => result.Score.Rank == 0).AgainstBaseline!;
        Assert.Equal(0.2, against.Mean, 1e-12);
        Assert.Equal(["lora", "lora", "deep-lora-wide"], report.AtBestRate.Select(result => result.Score.Method));
    }

    [Fact]
    public void Of_UnusableScore_CountsAsNothingLearned()
    {
        var report = Report(
            Run("lora", 0.01, seed: 0, test: double.NaN, reason: StopReason.LossNotFinite), Run("lora", 0.01, seed: 1, test: 0.8));
        var score = report.AtBestRate.Single().Score;
        Assert.Equal(1, score.Diverged);
        Assert.Equal(0.4, score.Test.Mean, 1e-12);
        Assert.Contains("1 run diverged", Words(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_Steps_AreMediansAndNeverWhereHalfDidNotComeThere()
    {
        var report = Report(
            Run("lora", 0.01, seed: 0, steps: [3, null]), Run("lora", 0.01, seed: 1, steps: [8, 9]), Run("lora", 0.01, seed: 2, steps: [4, null]));
        Assert.Equal([4.0, null], report.AtBestRate.Single().Score.StepsToLoss);
    }

    [Fact]
    public void Of_Sensitivity_HasWorstAndSpread()
    {
        var report = Report(
            Run("lora", 0.01, rank: 2, test: 0.6), Run("lora", 0.01, rank: 4, test: 0.9), Run("lora", 0.01, rank: 8, test: 0.7),
            Run("lora", 0.02, rank: 8, test: 0.2, validation: 0.1));
        var byRank = Assert.Single(report.ByRank);
        Assert.Equal([2, 4, 8], byRank.Points.Select(point => point.Choice));
        Assert.Equal(0.6, byRank.Worst, 1e-12);
        Assert.Equal(0.3, byRank.Spread, 1e-12);
        var byRate = report.ByRate.Single(row => row.Rank == 8);
        Assert.Equal([1, 2], byRate.Points.Select(point => point.Multiple));
        Assert.Equal(0.2, byRate.Worst, 1e-12);
        Assert.Equal(0.5, byRate.Spread, 1e-12);
    }

    [Fact]
    public void Verdicts_LossesAreNamedAsWinsAre()
    {
        var seeds = Enumerable.Range(0, 6).ToList();
        var report = Report(
        [
            .. seeds.Select(seed => Run("lora", 0.01, seed: seed, test: 0.7)),
            .. seeds.Select(seed => Run("rslora", 0.01, seed: seed, test: 0.6 - (seed / 100.0))),
            .. seeds.Select(seed => Run("loraplus", 0.01, seed: seed, test: 0.8 + (seed / 100.0))),
        ]);
        var verdicts = ReportText.Verdicts(report);
        Assert.Contains("rslora against lora at best learning rates: ahead in 0 of 1, behind in 1 (16 rows rank 2 -0.125), neither in 0.", verdicts);
        Assert.Contains("loraplus against lora at best learning rates: ahead in 1 of 1 (16 rows rank 2 +0.125), behind in 0, neither in 0.", verdicts);
    }

    [Fact]
    public void Write_Files_HoldTablesNumbersAndPictures()
    {
        var folder = Folder(
            Run("lora", 0.01, rank: 2), Run("lora", 0.01, rank: 4), Run("lora", 0.04, rank: 4), Run("rslora", 0.01, rank: 4));
        var report = ComparisonReport.Of(folder);
        var (path, fault) = ReportFiles.Write(report, folder);
        Assert.Null(fault);
        var text = File.ReadAllText(path);
        Assert.Contains("| method | rank | rate | of | accuracy |", text, StringComparison.Ordinal);
        Assert.Contains("![score-by-rank](score-by-rank.png)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.Equal("accuracy", (string?)JsonNode.Parse(File.ReadAllText(folder.In("report.json")))!["settings"]!["score"]);
        Assert.Equal(0x89, File.ReadAllBytes(folder.In("score-by-rate.png"))[0]);
        Assert.Contains("</svg>", File.ReadAllText(folder.In("score-by-rate.svg")), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.In("score-by-rows.png"))); // one number of rows is no line
    }

    [Fact]
    public void Write_Page_HoldsTheSameTablesAndThePictures()
    {
        var folder = Folder(Run("lora", 0.01, rank: 2), Run("lora", 0.01, rank: 4), Run("rslora", 0.01, rank: 4));
        var report = ComparisonReport.Of(folder);
        ReportFiles.Write(report, folder);
        var page = XDocument.Load(folder.In("report.html"));
        Assert.Equal(ReportText.Tables(report).Count, page.Descendants("table").Count());
        Assert.Contains(page.Descendants("td"), cell => cell.Value == "0.7000");
        var picture = Assert.Single(page.Descendants("figure"));
        Assert.Contains(picture.Descendants(), part => part.Name.LocalName == "svg");
        Assert.Contains("Accuracy by rank", picture.Element("figcaption")!.Value, StringComparison.Ordinal);
        Assert.Contains("lowrank compare report . --baseline rslora", page.Descendants("pre").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_EmptyFolder_SaysSo() =>
        Assert.Contains("no runs yet", Assert.Throws<InvalidDataException>(() => Report()).Message, StringComparison.Ordinal);

    [Fact]
    public void ReadRuns_DamagedFile_IsNamed()
    {
        var folder = Folder(Run("lora", 0.01));
        File.WriteAllText(Path.Combine(folder.In("runs"), "damaged.json"), "{");
        Assert.Contains("damaged.json", Assert.Throws<InvalidDataException>(folder.ReadRuns).Message, StringComparison.Ordinal);
    }

    private static string Words(ComparisonReport report) => string.Join('\n', ReportText.Conditions(report));

    private ComparisonReport Report(params ComparisonRun[] runs) => ComparisonReport.Of(Folder(runs));

    private ComparisonFolder Folder(params ComparisonRun[] runs)
    {
        var folder = ComparisonFolder.Create(_scratch["out"], new()
        {
            Model = "model",
            ModelDigest = "0",
            Data = "data.csv",
            DataDigest = "0",
            TrainingRows = 100,
            ValidationRows = 20,
            ValidationFromTrainingFile = true,
            TestRows = 30,
            TestFromTrainingFile = true,
            SeenTestRows = 0,
            Score = "accuracy",
            HigherIsBetter = true,
            WarmUp = 0,
            LossLevels = [0.5, 0.1],
            Common = new FineTuneOptions { ModelFolder = "" },
        });
        runs.ToList().ForEach(folder.Write);
        return folder;
    }

    private static ComparisonRun Run(
        string method,
        double rate,
        long seed = 0,
        int rank = 2,
        double test = 0.7,
        double? validation = null,
        StopReason reason = StopReason.Completed,
        int?[]? steps = null) => new()
        {
            Cell = new(method, rank, 16, rate, seed),
            DefaultLearningRate = Default,
            Outcome = reason,
            Steps = 10,
            KeptStep = 10,
            Test = new Dictionary<string, double> { ["accuracy"] = test },
            Validation = new Dictionary<string, double> { ["accuracy"] = validation ?? test },
            FirstLoss = 1,
            LastLoss = 0.5,
            StepsToLoss = [new(0.5, steps?[0]), new(0.1, steps?[1])],
            LossCurve = [[1, 1]],
            TrainableParameters = 100,
            Versions = new("1", "1", "1", "1", 1),
            Cost = new(1, 0.1, 1_000_000),
        };
}
