using System.Text.Json.Nodes;
using LowRank.FineTuning.Data;
using LowRank.Testing;
using Parquet.Serialization;

namespace LowRank.Acceptance.Finetuning;

/// <summary>The main job end to end: from a CSV file to a prediction, by the real program.</summary>
public sealed class FinetuneTests : IDisposable
{
    private static readonly string[] Quick =
        ["--model", "model", "--rank", "4", "--epochs", "20", "--patience", "6", "--batch-size", "8", "--learning-rate", "0.01", "--head-learning-rate", "0.01"];

    private readonly ScratchFolder _scratch = new();

    public FinetuneTests()
    {
        TinyModel.Write(_scratch["model"]);
        File.WriteAllText(_scratch["data.csv"], TinyModel.Csv(96));
        File.WriteAllText(_scratch["test.csv"], TinyModel.Csv(40, seed: 2));
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("lora")]
    [InlineData("deep-lora", "--form", "narrow")]
    [InlineData("deep-lora", "--gamma", "1")]
    public void Finetune_ThenEvaluatePredictInspect_Works(string adapter, params string[] options)
    {
        var trained = Run(["finetune", "data.csv", "--adapter", adapter, .. options, .. Quick]).Succeeds();
        Assert.Contains("guessed the label: 'label'", trained.Error, StringComparison.Ordinal);
        Assert.Contains("new, drawn from seed 0: classifier.weight, classifier.bias", trained.Error, StringComparison.Ordinal);
        Assert.Contains("trainable params: ", trained.Output, StringComparison.Ordinal);
        Assert.Contains("samples/s", trained.Output, StringComparison.Ordinal);
        Assert.Contains("peak memory", trained.Output, StringComparison.Ordinal);
        foreach (var file in new[]
        {
            "README.md", "config.json", "metrics.jsonl", "labels.json", "data.json", "result.json", "curve.png", "curve.svg",
            "start.safetensors", "spectrum.png", "spectrum.svg", "adapter/adapter_config.json", "adapter/adapter_model.safetensors",
        })
        {
            Assert.True(File.Exists(_scratch[$"data-run/{file}"]), file);
        }

        Assert.Contains("curve.png", File.ReadAllText(_scratch["data-run/README.md"]), StringComparison.Ordinal);
        var scores = JsonNode.Parse(Run("evaluate", "data-run", "--data", "test.csv", "--json").Succeeds().Output)!;
        Assert.Equal(40, scores["rows"]!.GetValue<int>());
        Assert.True(scores["scores"]!["accuracy"]!.GetValue<double>() > 0.8, scores.ToJsonString());
        Assert.Equal(40, scores["confusion"]!.AsArray().Sum(row => row!.AsArray().Sum(count => count!.GetValue<int>())));
        Assert.Contains("taken for", Run("evaluate", "data-run", "--data", "test.csv").Succeeds().Output, StringComparison.Ordinal);
        var one = JsonNode.Parse(Run("predict", "data-run", "--text", "the film was great .", "--json").Succeeds().Output)!;
        Assert.Equal("good", one["label"]!.GetValue<string>());
        var inspected = Run("inspect", "data-run").Succeeds().Output;
        Assert.Contains($"{adapter}, rank 4", inspected, StringComparison.Ordinal);
        Assert.Contains("effective rank", Run("inspect", "data-run/adapter").Succeeds().Output, StringComparison.Ordinal);
        Inspects(adapter);
    }

    private void Inspects(string adapter)
    {
        var told = Run("inspect", "data-run", "--plot", "picture.svg").Succeeds().Output;
        Assert.Contains("/ weight", told, StringComparison.Ordinal);
        Assert.Contains("start, input", told, StringComparison.Ordinal);
        Assert.StartsWith("<?xml", File.ReadAllText(_scratch["picture.svg"]), StringComparison.Ordinal);
        var layer = JsonNode.Parse(Run("inspect", "data-run/adapter", "--json").Succeeds().Output)!["layers"]![0]!;
        Assert.Equal(4, layer["singular_values"]!.AsArray().Count);
        Assert.True(layer["relative_norm"]!.GetValue<double>() > 0);
        Assert.NotEmpty(layer["input_alignment"]!.AsArray());
        Assert.Equal(adapter == "deep-lora", layer["output_alignment"]!.AsArray().Count > 0);

        // Alone, an adapter knows neither its start nor its base model.
        Directory.Move(_scratch["data-run/adapter"], _scratch["alone"]);
        var alone = Run("inspect", "alone").Succeeds().Output;
        Assert.Contains("singular values", alone, StringComparison.Ordinal);
        Assert.DoesNotContain("start, input", alone, StringComparison.Ordinal);
        Run("inspect", "data-run", "--plot", "picture.png").Fails(2, "--plot").InOneLine();
    }

    [Fact]
    public void Finetune_Numbers_ScoresWithCorrelations()
    {
        File.WriteAllText(_scratch["numbers.csv"], TinyModel.NumbersCsv(60));
        Run(["finetune", "numbers.csv", "--threads", "1", .. Quick]).Succeeds();
        var scores = JsonNode.Parse(Run("evaluate", "numbers-run", "--data", "numbers.csv", "--json").Succeeds().Output)!;
        Assert.NotNull(scores["scores"]!["pearson"]);
        Assert.Null(scores["confusion"]);
        Run("predict", "numbers-run", "--text", "a great film .").Succeeds();
    }

    [Fact]
    public void Finetune_TwiceWithOneSeed_WritesTheSameBytes()
    {
        Run(["finetune", "data.csv", "--out", "one", "--seed", "5", .. Quick]).Succeeds();
        Run(["finetune", "data.csv", "--out", "two", "--seed", "5", .. Quick]).Succeeds();
        Run(["finetune", "data.csv", "--out", "other", "--seed", "6", .. Quick]).Succeeds();
        AssertSame("one", "two");
        Assert.NotEqual(File.ReadAllText(_scratch["one/metrics.jsonl"]), File.ReadAllText(_scratch["other/metrics.jsonl"]));
    }

    [Fact]
    public void Config_OfARun_RepeatsIt()
    {
        Run(["finetune", "data.csv", "--out", "one", "--warm-up", "0.1", "--few-shot", "30", "--adapter", "deep-lora", "--depth", "2", .. Quick])
            .Succeeds();
        Run("finetune", "--config", "one", "--out", "two").Succeeds();
        AssertSame("one", "two");
        Assert.Equal(File.ReadAllText(_scratch["one/config.json"]), File.ReadAllText(_scratch["two/config.json"]));
        Run("finetune", "--config", "one/config.json", "--out", "three", "--rank", "2").Succeeds();
        var changed = File.ReadAllText(_scratch["three/config.json"]);
        Assert.Equal(File.ReadAllText(_scratch["one/config.json"]).Replace("\"rank\": 4", "\"rank\": 2", StringComparison.Ordinal), changed);
    }

    [Fact]
    public void DryRun_SaysWhatWouldBeDone_AndDoesNothing()
    {
        var said = Run(["finetune", "data.csv", "--dry-run", .. Quick]).Succeeds();
        Assert.Contains("tokens: [CLS] ", said.Output, StringComparison.Ordinal);
        Assert.Contains("bert.encoder.layer.0.attention.self.query (linear, 32 -> 32)", said.Output, StringComparison.Ordinal);
        Assert.Contains("trainable params: ", said.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_scratch["data-run"]));
        var json = JsonNode.Parse(Run(["finetune", "data.csv", "--dry-run", "--json", .. Quick]).Succeeds().Output)!;
        Assert.Equal("[CLS]", json["example"]!["tokens"]![0]!.GetValue<string>());
        Assert.Equal(4, json["config"]!["adapter"]!["rank"]!.GetValue<int>());
    }

    [Fact]
    public void Finetune_GlueFolder_TakesItsFilesColumnsAndMetric()
    {
        Directory.CreateDirectory(_scratch["cola"]);
        foreach (var (name, seed) in new[] { ("train.tsv", 1), ("dev.tsv", 2) })
        {
            var rows = TinyModel.Texts(40, seed, 2).Select((text, row) => $"x\t{row % 2}\t\t{text}\n");
            File.WriteAllText(_scratch[$"cola/{name}"], string.Concat(rows));
        }

        var said = Run(["finetune", "cola", "--task", "cola", "--no-header", "--json", .. Quick]).Succeeds();
        var json = JsonNode.Parse(said.Output)!;
        Assert.Equal("cola-run", json["folder"]!.GetValue<string>());
        Assert.Equal("matthews", json["result"]!["main_score"]!.GetValue<string>());
        Assert.Contains("dev.tsv: 40 rows, 40 kept", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Finetune_GlueTaskByName_TakesItsFilesFromTheHub()
    {
        var glue = _scratch["hf/hub/datasets--nyu-mll--glue"];
        var commit = new string('a', 40);
        Directory.CreateDirectory(Path.Combine(glue, "refs"));
        Directory.CreateDirectory(Path.Combine(glue, "snapshots", commit, "sst2"));
        await File.WriteAllTextAsync(Path.Combine(glue, "refs", "main"), commit, TestContext.Current.CancellationToken);
        foreach (var (file, seed) in new[] { (GlueTask.Sst2.TrainingFile, 1), (GlueTask.Sst2.ValidationFile, 2) })
        {
            var rows = TinyModel.Texts(40, seed, 2).Select((text, row) => new SentimentRow { sentence = text, label = row % 2 });
            await ParquetSerializer.SerializeAsync(
                rows, Path.Combine(glue, "snapshots", commit, file), cancellationToken: TestContext.Current.CancellationToken);
        }

        var said = Run(["finetune", "--task", "sst2", .. Quick]).Succeeds();
        Assert.Contains("validation-00000-of-00001.parquet: 40 rows, 40 kept", said.Error, StringComparison.Ordinal);
        Assert.Contains("Tells 2 labels apart: negative, positive.", File.ReadAllText(_scratch["sst2-run/README.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Predict_StreamsEveryForm()
    {
        Run(["finetune", "data.csv", .. Quick]).Succeeds();
        var lines = CliProcess.In(_scratch.Path, "the film was great .\n\na dull plot !\n", "predict", "data-run", "--input", "-").Succeeds();
        var predictions = lines.Output.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([1, 2, 3], predictions.Select(line => line["row"]!.GetValue<int>()));
        Assert.All(predictions, line => Assert.Equal(1, line["probabilities"]!.AsObject().Sum(one => one.Value!.GetValue<double>()), 1e-9));
        var json = CliProcess.In(
            _scratch.Path, "{\"text\": \"a great film\"}\n{\"text\": \"\"}\n", "predict", "data-run", "--input", "-", "--format", "csv").Succeeds();
        Assert.StartsWith("row,label,score,truncated,p_bad,p_good\n1,good,", json.Output, StringComparison.Ordinal);
        Run("predict", "data-run", "--input", "test.csv", "--out", "out.csv").Succeeds();
        Assert.Equal(41, File.ReadLines(_scratch["out.csv"]).Count());
        File.WriteAllText(_scratch["long.txt"], new string('x', 100_000) + "\n" + string.Concat(Enumerable.Repeat("film ", 20_000)) + "\n");
        var cut = Run("predict", "data-run", "--input", "long.txt").Succeeds().Output;
        Assert.Contains("\"truncated\":true", cut, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_LineByLine_AnswersBeforeTheInputEnds()
    {
        Run(["finetune", "data.csv", .. Quick]).Succeeds();
        using var process = CliProcess.Start(_scratch.Path, "predict", "data-run", "--input", "-", "--batch-size", "1");
        await process.AskAsync("a great film .", TestContext.Current.CancellationToken);
        Assert.Contains("\"row\":1", process.Output, StringComparison.Ordinal);
        process.Wait().Succeeds();
        using var json = CliProcess.Start(_scratch.Path, "predict", "data-run", "--input", "-", "--batch-size", "1");
        await json.AskAsync("""{"text": "a great film ."}""", TestContext.Current.CancellationToken);
        await json.AskAsync("""{"text": "a dull film ."}""", TestContext.Current.CancellationToken);
        Assert.Contains("\"row\":2", json.Output, StringComparison.Ordinal);
        json.Wait().Succeeds();
    }

    [Fact]
    public void Inspect_ModelsAndFiles_TellsWhatTheyHold()
    {
        Assert.Contains("hidden_size", Run("inspect", "model").Succeeds().Output, StringComparison.Ordinal);
        Assert.Contains("bert.pooler.dense.weight", Run("inspect", "model/model.safetensors").Succeeds().Output, StringComparison.Ordinal);
        var json = JsonNode.Parse(Run("inspect", "model", "--json").Succeeds().Output)!;
        Assert.Equal("a model", json["kind"]!.GetValue<string>());
        Run("sample", "--task", "ratings").Succeeds();
        Run("complete", "ratings.csv").Succeeds();
        Assert.Contains("a completion model", Run("inspect", "ratings-model").Succeeds().Output, StringComparison.Ordinal);
    }

    private sealed class SentimentRow
    {
        public string? sentence { get; set; }

        public int label { get; set; }
    }

    private CliResult Run(params string[] args) => CliProcess.In(_scratch.Path, "", args);

    private void AssertSame(string one, string other)
    {
        foreach (var file in Directory.GetFiles(_scratch[$"{one}/adapter"]).Append(_scratch[$"{one}/metrics.jsonl"]))
        {
            var same = Path.Combine(_scratch[other], Path.GetRelativePath(_scratch[one], file));
            Assert.True(File.ReadAllBytes(file).SequenceEqual(File.ReadAllBytes(same)), file);
        }
    }
}
