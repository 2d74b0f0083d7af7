using System.Globalization;
using System.Text.RegularExpressions;
using LowRank.Adapters;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;
using LowRank.Testing;
using LowRank.Transformers.Hub;

namespace LowRank.Acceptance.Finetuning;

/// <summary>What docs/finetuning.md, docs/adapters.md and docs/peft.md tell to type works, from top to bottom.</summary>
[Collection(nameof(CurrentFolder))]
public sealed partial class GuideTests : IDisposable
{
    private const string Guide = "docs/finetuning.md";
    private const string AdapterGuide = "docs/adapters.md";
    private readonly ScratchFolder _scratch = new();
    private readonly string _before = Environment.CurrentDirectory;

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        _scratch.Dispose();
    }

    [Theory]
    [InlineData(Guide)]
    [InlineData("docs/peft.md")]
    [InlineData(AdapterGuide)]
    public void Commands_OfTheGuide_Work(string guide)
    {
        var commands = BashBlock().Matches(Repository.Read(guide))
            .SelectMany(block => block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            var program = $"'{CliProcess.Dotnet}' '{CliProcess.Program}'";
            CliProcess.Shell(_scratch.Path, $"lowrank() {{ {program} \"$@\"; }}; {command}").Succeeds();
            StandInForBert();
        }
    }

    [Fact]
    public void Options_OfTheAdapterGuide_HaveTheDefaultsOfTheCode()
    {
        var help = CliProcess.In(_scratch.Path, "", "finetune", "--help").Succeeds().Output;
        object[] records = [new FineTuneOptions { ModelFolder = "" }, new LoraOptions(), new LoraXsOptions(), new DeepLoraOptions()];
        var rows = OptionRow().Matches(Repository.Read(AdapterGuide));
        Assert.True(rows.Count > 15);
        foreach (Match row in rows)
        {
            Assert.Contains(row.Groups["flag"].Value, help, StringComparison.Ordinal);
            var record = records.Single(record => record.GetType().Name == row.Groups["record"].Value);
            var property = record.GetType().GetProperty(row.Groups["property"].Value);
            Assert.True(property is not null, row.Value);
            var value = property.GetValue(record) switch
            {
                null => "the rank",
                AdapterOptions adapter => adapter.Method,
                double number => number.ToString("0.#####", CultureInfo.InvariantCulture),
                { } other => other.ToString()!.ToLowerInvariant(),
            };
            Assert.Equal($"{property.Name} {value}", $"{property.Name} {row.Groups["default"].Value}");
        }
    }

    [Fact]
    public void Snippet_OfTheGuide_IsTheCodeBelow()
    {
        var snippet = Regex.Match(Repository.Read(Guide), "<!-- guide-csharp -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline);
        var own = Repository.Read("tests/LowRank.Acceptance/Finetuning/GuideTests.cs");
        Assert.Contains(Plain(snippet.Groups["code"].Value), Plain(own), StringComparison.Ordinal);

        static string Plain(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    public async Task Snippet_OfTheGuide_Works()
    {
        CliProcess.In(_scratch.Path, "", "sample", "--task", "text").Succeeds();
        StandInForBert();
        Environment.CurrentDirectory = _scratch.Path;
#pragma warning disable CA2007, xUnit1051 // the snippet is a program's, not a library's
        using var hub = new ModelHub();
        var options = new FineTuneOptions
        {
            ModelFolder = await hub.LocateAsync("google-bert/bert-base-cased"),
            Adapter = new DeepLoraOptions { Rank = 8 },
            Data = new FineTuneData { TrainingFile = "reviews.csv" },
        };
        var (training, validation) = options.Data.Read(options.Training.Seed);
        using (var tuner = new TextFineTuner(options, training, validation))
        {
            tuner.Run(RunFolder.Create("reviews-csharp"), observers: [new ProgressLines(Console.Out)]);
        }

        using var classifier = TextClassifier.Load("reviews-csharp");
        var prediction = classifier.Predict("the film was great .");
        Console.WriteLine($"{prediction.Label} {prediction.Score:0.00}");
#pragma warning restore CA2007, xUnit1051
        Assert.Contains(prediction.Label, classifier.Labels);
    }

    // A folder wins over an id of the same name: the tests need no network.
    private void StandInForBert()
    {
        var (model, folder) = (_scratch["tiny-bert"], _scratch["google-bert/bert-base-cased"]);
        if (!Directory.Exists(model) || Directory.Exists(folder))
        {
            return;
        }

        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(model))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    [GeneratedRegex(@"^\| [^|]+ \| `(?<flag>--[a-z-]+)[^|]*` \| `(?<record>\w+)\.(?<property>\w+)` \| (?<default>[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    [GeneratedRegex("```bash\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex BashBlock();
}
