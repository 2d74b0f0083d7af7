using System.Text.RegularExpressions;
using LowRank.Testing;

namespace LowRank.Acceptance.Finetuning;

/// <summary>Comparisons by the real program on the sample's reviews.</summary>
public sealed partial class CompareTests : IDisposable
{
    private static readonly string[] Small =
    [
        "compare", "reviews.csv", "--model", "tiny-bert", "--methods", "lora,deep-lora", "--samples", "16", "--learning-rates", "1x",
        "--seeds", "0-1", "--steps", "4", "--out", "out",
    ];

    private readonly ScratchFolder _scratch = new();

    public CompareTests() => Run("sample", "--task", "text").Succeeds();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Commands_OfTheGuide_Work()
    {
        var commands = BashBlock().Matches(Repository.Read("docs/comparing.md"))
            .SelectMany(block => block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            CliProcess.Shell(_scratch.Path, $"lowrank() {{ '{CliProcess.Dotnet}' '{CliProcess.Program}' \"$@\"; }}; {command}").Succeeds();
        }

        Assert.Equal(3 * 2 * 2 * 3 * 4, Runs("compared").Length);
        Assert.Contains("4 seeds (0, 1, 2, 3)", File.ReadAllText(_scratch["compared/report.md"]), StringComparison.Ordinal);
        Assert.Equal(2 * 2 * 3, Runs("part-1").Length);
        Assert.True(File.Exists(_scratch["part-1/report.md"]) && !File.Exists(_scratch["part-2/report.md"]));
    }

    [Fact]
    public void Compare_Again_MakesOnlyWhatIsMissing()
    {
        var first = Run(Small).Succeeds();
        Assert.Contains("deep-lora against lora at best learning rates:", first.Output, StringComparison.Ordinal);
        var before = Runs("out").ToDictionary(file => file, File.GetLastWriteTimeUtc);
        Assert.Equal(4, before.Count);
        File.Delete(before.Keys.First());
        Assert.Contains("4 runs, 3 of them are there already", Run(Small).Succeeds().Error, StringComparison.Ordinal);
        var after = Runs("out").ToDictionary(file => file, File.GetLastWriteTimeUtc);
        Assert.Equal(before.Keys.Order(), after.Keys.Order());
        Assert.All(before.Keys.Skip(1), file => Assert.Equal(before[file], after[file]));
    }

    [Fact]
    public void Compare_OtherConditionsInTheSameFolder_AreRefused()
    {
        Run(Small).Succeeds();
        Run([.. Small, "--max-length", "20"]).Fails(3, "out: holds a comparison under other conditions", "common.max_length is 128 there, 20 here").InOneLine();
    }

    [Fact]
    public void Compare_BadInput_IsOneLine()
    {
        Run([.. Small, "--shard", "3/2"]).Fails(2, "got '3/2'; wanted i/n").InOneLine();
        Run([.. Small, "--ranks", "4,x"]).Fails(2, "--ranks: got 'x'").InOneLine();
        Run([.. Small, "--baseline", "lore"]).Fails(2, "got 'lore'; wanted any of lora").InOneLine();
        Run("compare", "reviews.csv", "--model", "tiny-bert", "--samples", "1000", "--out", "out").Fails(2, "samples: got 1000; wanted at most").InOneLine();
        Run("compare", "reviews.csv", "--model", "tiny-bert").Fails(2, "--out is missing").InOneLine();
        Run("compare", "report", "tiny-bert").Fails(4, "no comparison.json").InOneLine();
        Assert.False(Directory.Exists(_scratch["out"]));
    }

    [Fact]
    public void Compare_Json_IsTheReport()
    {
        Run(Small).Succeeds();
        var json = Run("compare", "report", "out", "--json").Succeeds().Output;
        Assert.Equal(File.ReadAllText(_scratch["out/report.json"]), json);
    }

    private CliResult Run(params string[] args) => CliProcess.In(_scratch.Path, "", args);

    private string[] Runs(string folder) => [.. Directory.GetFiles(_scratch[$"{folder}/runs"]).Order(StringComparer.Ordinal)];

    [GeneratedRegex("```bash\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex BashBlock();
}
