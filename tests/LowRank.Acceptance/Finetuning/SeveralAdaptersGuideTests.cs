using System.Text.RegularExpressions;
using LowRank.Adapters;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Encoders;

namespace LowRank.Acceptance.Finetuning;

/// <summary>The C# of docs/several-adapters.md, compiled and run.</summary>
[Collection(nameof(CurrentFolder))]
public sealed class SeveralAdaptersGuideTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly string _before = Environment.CurrentDirectory;

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("several-csharp")]
    [InlineData("served-csharp")]
    public void Snippet_OfTheGuide_IsTheCodeBelow(string name)
    {
        var guide = Repository.Read("docs/several-adapters.md");
        var snippet = Regex.Match(guide, $"<!-- {name} -->\n```csharp\n(?<code>.*?)```", RegexOptions.Singleline);
        var own = Repository.Read("tests/LowRank.Acceptance/Finetuning/SeveralAdaptersGuideTests.cs");
        Assert.True(snippet.Success, name);
        Assert.Contains(Plain(snippet.Groups["code"].Value), Plain(own), StringComparison.Ordinal);

        static string Plain(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    public void Snippets_OfTheGuide_Work()
    {
        CliProcess.In(_scratch.Path, "", "sample", "--task", "text").Succeeds();
        Train("reviews-lora", "lora");
        Train("reviews-deep", "deep-lora");
        Environment.CurrentDirectory = _scratch.Path;
        Combine();
        Serve();
    }

    private static void Combine()
    {
        string[] labels = ["negative", "positive"];
        using var model = Pretrained.SequenceClassifier("tiny-bert", Seed.From(0), labels).Model;
        using var adapters = new NamedAdapters(model);
        adapters.Read("reviews", "reviews-lora/adapter");
        adapters.Read("deep", "reviews-deep/adapter");
        adapters.Active = "reviews";                 // the model now answers as this run; null for the base alone

        var weights = new Dictionary<string, double> { ["reviews"] = 0.7, ["deep"] = 0.3 };
        adapters.Combine("both", weights, AdapterCombination.Svd, rank: 8);
        adapters.Active = "both";                    // plain LoRA: predict, train on, merge, ...
        adapters.Write("both", "both-adapter");      // ... or write it for PEFT, vLLM, llama.cpp
        adapters.Remove("reviews");
        Assert.Equal(["deep", "both"], adapters.Names);
        Assert.True(File.Exists("both-adapter/adapter_model.safetensors"));
    }

    private static void Serve()
    {
        var runs = new Dictionary<string, string> { ["reviews"] = "reviews-lora", ["deep"] = "reviews-deep" };
        using var classifiers = NamedClassifiers.Load(runs);
        var prediction = classifiers.Predict("reviews", "the film was great .");
        using var alone = TextClassifier.Load("reviews-lora");
        Assert.Equal(alone.Predict("the film was great .").Score, prediction.Score);
    }

    private void Train(string run, string adapter) => CliProcess.In(
        _scratch.Path, "", "finetune", "reviews.csv", "--model", "tiny-bert", "--adapter", adapter, "--epochs", "1", "--out", run)
        .Succeeds();
}
