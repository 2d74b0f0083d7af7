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
        Assert.InRange(commands.Count, 12, 20);
        foreach (var command in commands)
        {
            CliProcess.In(_scratch.Path, "", command.Split(' ')[1..]).Succeeds();
        }

        foreach (var model in new[] { "town-bert", "town-t5" })
        {
            Assert.Contains("guessing by frequency", File.ReadAllText(_scratch[$"{model}/README.md"]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("pretrain text.txt --out new", "--tokenizer is missing")]
    [InlineData("pretrain --tokenizer pieces --out new", "nothing to learn from")]
    [InlineData("pretrain text.txt --model mini-bert --layers 2 --out new", "--model and --layers exclude each other")]
    [InlineData("pretrain text.txt --tokenizer pieces --hidden 10 --heads 4 --out new", "wanted a multiple of --heads")]
    [InlineData("pretrain text.txt --kind t5 --tokenizer pieces --positions 64 --out new", "--positions belongs to a BERT")]
    [InlineData("pretrain text.txt --kind t5 --tokenizer pieces --pairs --out new", "--pairs belongs to a BERT")]
    [InlineData("pretrain text.txt --tokenizer pieces --span-length 2 --out new", "--span-length belongs to a T5")]
    [InlineData("pretrain --resume --out new", "no checkpoint")]
    [InlineData("tokenizer train text.txt --kind unigram --cased --out new", "--cased belongs to --kind wordpiece")]
    [InlineData("tokenizer train text.txt --sentinels 10 --out new", "--sentinels belongs to --kind unigram")]
    [InlineData("sample --task ratings --rows 100", "--rows")]
    public void Faults_AreToldInOneLine(string command, string wanted)
    {
        File.WriteAllText(_scratch["text.txt"], "one line\n");
        CliProcess.In(_scratch.Path, "", command.Split(' ')).Fails(2, wanted).InOneLine();
    }

    [GeneratedRegex("```bash\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex BashBlock();
}
