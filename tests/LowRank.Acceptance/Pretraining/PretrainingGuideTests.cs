using System.Text.RegularExpressions;
using LowRank.Testing;

namespace LowRank.Acceptance.Pretraining;

/// <summary>What docs/pretraining.md tells to type works, from top to bottom; and the faults that people make.</summary>
public sealed partial class PretrainingGuideTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Commands_OfTheGuide_Work()
    {
        var commands = BashBlock().Matches(Repository.Read("docs/pretraining.md"))
            .SelectMany(block => block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        Assert.InRange(commands.Count, 8, 20);
        foreach (var command in commands)
        {
            CliProcess.In(_scratch.Path, "", command.Split(' ')[1..]).Succeeds();
        }

        Assert.Contains("guessing by frequency", File.ReadAllText(_scratch["town-bert/README.md"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pretrain text.txt --out new", "--tokenizer is missing")]
    [InlineData("pretrain --tokenizer pieces --out new", "nothing to learn from")]
    [InlineData("pretrain text.txt --model mini-bert --layers 2 --out new", "--model and --layers exclude each other")]
    [InlineData("pretrain text.txt --tokenizer pieces --hidden 10 --heads 4 --out new", "wanted a multiple of --heads")]
    [InlineData("pretrain --resume --out new", "no checkpoint")]
    [InlineData("sample --task ratings --rows 100", "--rows")]
    public void Faults_AreToldInOneLine(string command, string wanted)
    {
        File.WriteAllText(_scratch["text.txt"], "one line\n");
        CliProcess.In(_scratch.Path, "", command.Split(' ')).Fails(2, wanted).InOneLine();
    }

    [GeneratedRegex("```bash\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex BashBlock();
}
