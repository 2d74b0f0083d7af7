using System.Globalization;
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
    [InlineData("pretrain text.txt --tokenizer pieces --adapter lora --out new", "name it by --model")]
    [InlineData("pretrain text.txt --model mini-bert --rank 4 --out new", "--rank belongs to lora, deep-lora")]
    [InlineData("pretrain text.txt --model mini-bert --adapter dora --out new", "Must be one of: 'full', 'lora', 'deep-lora'")]
    [InlineData("pretrain --resume --out new", "no checkpoint")]
    [InlineData("tokenizer train text.txt --kind unigram --cased --out new", "--cased belongs to --kind wordpiece")]
    [InlineData("tokenizer train text.txt --sentinels 10 --out new", "--sentinels belongs to --kind unigram")]
    [InlineData("sample --task ratings --rows 100", "--rows")]
    public void Faults_AreToldInOneLine(string command, string wanted)
    {
        File.WriteAllText(_scratch["text.txt"], "one line\n");
        CliProcess.In(_scratch.Path, "", command.Split(' ')).Fails(2, wanted).InOneLine();
    }

    [Fact]
    public void Adapter_GoesOnFromAModelAndResumes_ButNotIntoTheModelItself()
    {
        File.WriteAllText(_scratch["text.txt"], string.Concat(Enumerable.Repeat("The baker sells bread.\nIt is warm.\n\n", 100)));
        CliResult Run(string command) => CliProcess.In(_scratch.Path, "", command.Split(' '));
        const string Begin = "pretrain text.txt --adapter lora --rank 4 --steps 4 --window 16";
        Run($"{Begin} --model mini-bert --out out").Succeeds();
        Assert.Contains("through an adapter (lora, rank 4)", File.ReadAllText(_scratch["out/README.md"]), StringComparison.Ordinal);
        var written = File.ReadAllBytes(_scratch["out/model.safetensors"]);
        File.Delete(_scratch["out/model.safetensors"]);
        Run("pretrain --resume --out out").Succeeds();
        Assert.Equal(written, File.ReadAllBytes(_scratch["out/model.safetensors"]));
        Run($"{Begin} --model mini-bert --out out --resume").Succeeds();
        Run("pretrain --resume --out out --adapter deep-lora").Fails(2, "these differ: adapter.method \"deep-lora\", training.learning_rate 0.004.").InOneLine();
        Run("pretrain --resume --out out --rank 2 --steps 8").Fails(2, "these differ: adapter.rank 2, training.steps 8").InOneLine();
        Run($"{Begin} --model out --out out/ --force").Fails(2, "choose another --out").InOneLine();
        Run($"{Begin} --model out --out onwards").Succeeds();
        Directory.Move(_scratch["out"], _scratch["moved"]);
        Run("pretrain --resume --out onwards").Fails(4, "say by --model where it is now").InOneLine();
        Run("pretrain --resume --out onwards --model moved").Succeeds();
    }

    [Fact]
    public void Config_OfATiedT5_GivesATiedModelThatLearns()
    {
        File.WriteAllText(_scratch["text.txt"], string.Concat(Enumerable.Repeat("The baker sells bread.\nIt is warm.\n\n", 200)));
        File.WriteAllText(_scratch["config.json"], """
            {
              "model_type": "t5", "d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_decoder_layers": 1, "num_heads": 2,
              "vocab_size": 100, "tie_word_embeddings": true, "dropout_rate": 0
            }
            """);
        CliProcess.In(_scratch.Path, "", "tokenizer train text.txt --kind unigram --out pieces".Split(' ')).Succeeds();
        const string Command = "pretrain text.txt --kind t5 --tokenizer pieces --config config.json --window 16 --steps 150 "
            + "--learning-rate 0.01 --eval-every 10 --out out";
        CliProcess.In(_scratch.Path, "", Command.Split(' ')).Succeeds();
        Assert.Contains("\"tie_word_embeddings\": true", File.ReadAllText(_scratch["out/config.json"]), StringComparison.Ordinal);
        var losses = JudgedLoss().Matches(File.ReadAllText(_scratch["out/pretraining/metrics.jsonl"]))
            .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            .ToList();
        Assert.True(losses[^1] < losses[0] / 2, string.Join(' ', losses));
    }

    [Fact]
    public void Help_NamesTheAdapters()
    {
        var help = CliProcess.Run("pretrain", "--help");
        help.Succeeds();
        Assert.Contains("--adapter <full|lora|deep-lora>", help.Output, StringComparison.Ordinal);
        Assert.Contains("--rank", help.Output, StringComparison.Ordinal);
    }

    [GeneratedRegex("```bash\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex BashBlock();

    [GeneratedRegex("\"evaluation\":{\"loss\":([^,]+)")]
    private static partial Regex JudgedLoss();
}
