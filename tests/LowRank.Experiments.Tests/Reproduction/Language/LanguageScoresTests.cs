using System.Globalization;
using LowRank.Experiments.Reproduction;
using LowRank.Experiments.Reproduction.Language;

namespace LowRank.Experiments.Tests.Reproduction.Language;

public sealed class LanguageScoresTests
{
    private static readonly LanguageTask Similarity = Task("similarity");
    private static readonly LanguageTask Facts = Task("facts");

    [Fact]
    public void Of_SeveralRates_TakesTheOneThatValidationRowsPrefer()
    {
        var scores = new LanguageScores(
        [
            Run("similarity", 0.1, seed: 0, validation: 0.5, score: 0.9), Run("similarity", 0.1, seed: 1, validation: 0.5, score: 0.9),
            Run("similarity", 0.2, seed: 1, validation: 0.6, score: 0.3), Run("similarity", 0.2, seed: 0, validation: 0.7, score: 0.2),
            Run("similarity", 0.4, seed: 0, validation: double.NaN, score: double.NaN),
        ]);
        var outcome = scores.Of(Protocol.Fair, Similarity, LanguageMethod.Lora, 8, 16)!;
        Assert.Equal((0.2, 3, false), (outcome.Rate, outcome.Rates, outcome.AtAnEnd));
        Assert.Equal([(0, 0.2), (1, 0.3)], outcome.Scores);
    }

    [Fact]
    public void Of_WrittenTexts_TakesTheLowestValidationLoss()
    {
        var scores = new LanguageScores(
            [Run("facts", 0.1, 0, validation: 2, score: 0.1), Run("facts", 0.2, 0, validation: 1.5, score: 0.05), Run("facts", 0.4, 0, double.PositiveInfinity, 0.5)]);
        Assert.Equal(0.2, scores.Of(Protocol.Fair, Facts, LanguageMethod.Lora, 8, 16)!.Rate);
    }

    [Fact]
    public void Of_ARunWithoutAScore_CountsItAsNothingLearned()
    {
        var scores = new LanguageScores([Run("similarity", 0.1, 0, 0.5, double.NaN)]);
        Assert.Equal(0, scores.Of(Protocol.Fair, Similarity, LanguageMethod.Lora, 8, 16)!.Summary.Mean);
    }

    [Fact]
    public void Of_OtherSettings_FindsNothing()
    {
        var scores = new LanguageScores([Run("similarity", 0.1, 0, 0.5, 0.5)]);
        Assert.Null(scores.Of(Protocol.Paper, Similarity, LanguageMethod.Lora, 8, 16));
        Assert.Null(scores.Of(Protocol.Fair, Facts, LanguageMethod.Lora, 8, 16));
        Assert.Null(scores.Of(Protocol.Fair, Similarity, LanguageMethod.Narrow, 8, 16));
        Assert.Null(scores.Of(Protocol.Fair, Similarity, LanguageMethod.Lora, 4, 16));
        Assert.Null(scores.Of(Protocol.Fair, Similarity, LanguageMethod.Lora, 8, null));
    }

    [Fact]
    public void Against_PairsSeedBySeed()
    {
        MethodOutcome Outcome(params (int Seed, double Score)[] scores) => new(0.1, 1, false, [], scores);
        var gap = Outcome((0, 0.5), (1, 0.7), (3, 0.9)).Against(Outcome((1, 0.6), (0, 0.6), (2, 0)))!;
        Assert.Equal((2, 1, 1), (gap.Count, gap.Wins, gap.Losses));
        Assert.Equal(0, gap.Mean, 12);
        Assert.Null(Outcome((0, 1)).Against(Outcome((1, 1))));
    }

    [Fact]
    public void Band_IsThreeStandardErrorsOfADifferenceOfMeans()
    {
        var band = new PaperScore(0.5, 0.1, 20).Band();
        Assert.Equal(0.5, band.Value);
        Assert.Equal(0.5 - (0.3 * Math.Sqrt(0.1)), band.Low, 12);
        Assert.Equal(0.5 + (0.3 * Math.Sqrt(0.1)), band.High, 12);
    }

    private static LanguageTask Task(string name) => LanguageTask.Find(name, new Dictionary<string, TaskFiles>(), ReproductionScale.Quick);

    private static CellRecord Run(string task, double rate, int seed, double validation, double score) => new()
    {
        Labels = new Dictionary<string, string>
        {
            ["protocol"] = "fair",
            ["task"] = task,
            ["method"] = "lora",
            ["rank"] = "8",
            ["rows"] = "16",
            ["rate"] = rate.ToString(CultureInfo.InvariantCulture),
        },
        Seed = seed,
        Result = new(
            new Dictionary<string, double> { ["validation"] = validation, ["score"] = score },
            new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>()),
        Cost = new(1, 1, "a processor", 1, null),
        Versions = new("1", "1", "1", "1", 1),
    };
}
