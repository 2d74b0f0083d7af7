using System.Text.RegularExpressions;

namespace LowRank.Acceptance;

/// <summary>Scores that a guide quotes from a study are those of the committed results.</summary>
public sealed partial class QuotedScoresTests
{
    [Theory]
    [InlineData("docs/adapters.md", "how the forms compare", "", 31, "adapters-similarity.md", "adapters-intent.md", "reproduce/report.md")]
    [InlineData("docs/generation.md", "How far a small T5 comes", "Every method adapts", 18, "e2e.txt")]
    [InlineData("docs/devices.md", "## Measured", "## Errors", 2, "devices.txt")]
    [InlineData("docs/pretraining.md", "**Does going on help?**", "**Fine-tune**", 1, "continued-pretraining.md")]
    public void Scores_OfAGuide_AreThoseOfTheResults(string guide, string from, string to, int atLeast, params string[] files)
    {
        var study = Repository.Read(guide).Split(from)[1];
        study = to.Length > 0 ? study.Split(to)[0] : study;
        var results = string.Concat(files.Select(file => Repository.Read($"results/{file}")));
        var scores = Score().Matches(study).Select(match => match.Value).ToList();
        Assert.True(scores.Count >= atLeast, $"{guide}: {scores.Count} scores");
        Assert.All(scores, score => Assert.Contains(score, results, StringComparison.Ordinal));
    }

    [Fact]
    public void SpeedsOfWriting_AreThoseOfTheResults()
    {
        var quoted = Repository.Read("docs/generation.md").Split("On a T5 of the base shape")[1].Split("the same texts")[0];
        var measured = Repository.Read("results/generation.txt");
        var numbers = Speed().Matches(quoted).Select(match => match.Value).ToList();
        Assert.Equal(6, numbers.Count);
        Assert.All(numbers, number => Assert.Contains($" {number} ", measured, StringComparison.Ordinal));
    }

    [Fact]
    public void TimesOfDevices_AreThoseOfTheResults()
    {
        var quoted = Repository.Read("docs/devices.md").Split("## Measured")[1].Split("## Errors")[0];
        var measured = Repository.Read("results/devices.txt");
        var times = Milliseconds().Matches(quoted).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(4, times.Count);
        Assert.All(times, time => Assert.Contains($"ms/step {time} ", measured, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(\d+\.\d+)\s+ms\b")]
    private static partial Regex Milliseconds();

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Speed();

    [GeneratedRegex(@"0\.\d{4}")]
    private static partial Regex Score();
}
