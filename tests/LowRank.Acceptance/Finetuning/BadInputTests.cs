using LowRank.Testing;

namespace LowRank.Acceptance.Finetuning;

/// <summary>Whatever is wrong, the program says in a sentence what, where and what to do; never a stack trace.</summary>
public sealed class BadInputTests : IDisposable
{
    private static readonly string[] Quick = ["--model", "model", "--rank", "4", "--epochs", "1"];
    private readonly ScratchFolder _scratch = new();

    public BadInputTests()
    {
        TinyModel.Write(_scratch["model"]);
        File.WriteAllText(_scratch["data.csv"], TinyModel.Csv(24));
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void UnseenLabel_InValidationAndEvaluation_IsNamed()
    {
        File.WriteAllText(_scratch["three.csv"], TinyModel.Csv(12, 2, "bad", "good", "odd"));
        Train("data.csv", "--validation-file", "three.csv").Fails(3, "three.csv, line", "'odd'", "bad, good").InOneLine();
        Train("data.csv").Succeeds();
        Run("evaluate", "data-run", "--data", "three.csv").Fails(3, "three.csv, line", "'odd'", "bad, good").InOneLine();
    }

    [Fact]
    public void FolderWithoutWordNet_InEvaluation_IsNamedBeforeTheModelIsRead()
    {
        Run("evaluate", "data-run", "--data", "data.csv", "--wordnet", "nowhere").Fails(4, "nowhere", "no such folder").InOneLine();
        Run("evaluate", "data-run", "--data", "data.csv", "--wordnet", ".").Fails(4, "index.noun", "no such file", "WordNet 3.x").InOneLine();
    }

    [Fact]
    public void EmptyTexts_AreDroppedAndCounted()
    {
        File.WriteAllText(_scratch["gaps.csv"], TinyModel.Csv(24) + ",good\n  ,bad\n");
        Assert.Contains("dropped: 2 without a text", Train("gaps.csv").Succeeds().Error, StringComparison.Ordinal);
        Run("predict", "gaps-run", "--text", "").Succeeds();
    }

    [Fact]
    public void HugeText_IsCutAndSaidSo()
    {
        File.WriteAllText(_scratch["huge.csv"], TinyModel.Csv(24) + string.Concat(Enumerable.Repeat("film ", 20_000)) + ",good\n");
        Assert.Contains("training texts are longer than 32 tokens and are cut", Train("huge.csv", "--validation-file", "data.csv").Succeeds().Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_ThatDoNotExist_AreListed()
    {
        Train("data.csv", "--text", "body").Fails(3, "no column 'body'", "text, label").InOneLine();
        Train("data.csv", "--label", "class").Fails(3, "no column 'class'").InOneLine();
        Train("data.csv", "--text", "label").Fails(3, "different columns").InOneLine();
    }

    [Fact]
    public void TwoLabels_InThreeClassesClothing_AreRefused()
    {
        File.WriteAllText(_scratch["clothes.csv"], TinyModel.Csv(12, 1, "good", "Good", "bad"));
        Train("clothes.csv").Fails(3, "'Good'", "'good'", "differ only in case").InOneLine();
        File.WriteAllText(_scratch["mnli.csv"], TinyModel.Csv(24, 1, "entailment", "neutral").Replace("text,", "premise,", StringComparison.Ordinal)
            .Replace(",entailment", ",b,entailment", StringComparison.Ordinal).Replace(",neutral", ",b,neutral", StringComparison.Ordinal)
            .Replace("premise,label", "premise,hypothesis,label", StringComparison.Ordinal));
        Train("mnli.csv", "--task", "mnli").Fails(3, "no row has the label 'contradiction' of the 3 classes").InOneLine();
        File.WriteAllText(_scratch["one.csv"], TinyModel.Csv(12, 1, "good"));
        Train("one.csv").Fails(3, "every row has the label 'good'").InOneLine();
    }

    [Fact]
    public void Models_ThatAreWrong_AreRefused()
    {
        TinyModel.Write(_scratch["gpt"], "gpt2");
        Train("data.csv", "--model", "gpt").Fails(3, "model_type", "gpt2", "bert, roberta, distilbert").InOneLine();
        TinyModel.Write(_scratch["distil"], "roberta");
        Train("data.csv", "--model", "distil").Fails(3, "roberta");
        Train("data.csv", "--model", "nowhere/at-all").Fails(4, "nowhere/at-all");
        Train("data.csv", "--model", "no such folder").Fails(4, "no such folder").InOneLine();
        TinyModel.Write(_scratch["short"]);
        File.WriteAllBytes(_scratch["short/model.safetensors"], File.ReadAllBytes(_scratch["model/model.safetensors"])[..5000]);
        Train("data.csv", "--model", "short").Fails(3, "short/model.safetensors").InOneLine();
    }

    [Fact]
    public void Tokenizer_ThatDoesNotFitTheEmbedding_IsRefused()
    {
        File.AppendAllLines(_scratch["model/vocab.txt"], ["more", "words"]);
        Train("data.csv").Fails(3, $"model: got a tokenizer with {TinyModel.Words.Count + 2} ids", "vocab.txt", $"wanted at most the {TinyModel.Words.Count} ", "The tokenizer is of another model").InOneLine();
    }

    [Fact]
    public void ClassWeights_ThatCannotBe_AreRefused()
    {
        Train("data.csv", "--class-weights", "good=2,fine=1").Fails(2, "class weights: got 'fine'", "bad, good").InOneLine();
        Train("data.csv", "--class-weights", "good=0").Fails(2, "the weight of 'good': got 0").InOneLine();
        Train("data.csv", "--class-weights", "good:2").Fails(2, "got 'good:2'", "good=1,bad=2.5").InOneLine();
        Train("data.csv", "--class-weights", "good=2,good=3").Fails(2, "got 'good' twice").InOneLine();
        File.WriteAllText(_scratch["numbers.csv"], TinyModel.NumbersCsv(12));
        Train("numbers.csv", "--class-weights", "good=2").Fails(2, "wanted none, since the labels are Numbers").InOneLine();
        Train("data.csv", "--class-weights", "good=2").Succeeds();
        Run("finetune", "--config", "data-run", "--out", "again").Succeeds();
        Assert.Equal(File.ReadAllText(_scratch["data-run/metrics.jsonl"]), File.ReadAllText(_scratch["again/metrics.jsonl"]));
    }

    [Fact]
    public void Disk_ThatIsFull_IsNamedWithARemedy()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        Train("data.csv").Succeeds();
        CliProcess.Shell(
            _scratch.Path,
            $"for t in $(seq 1 99); do ln -s /dev/full '{_scratch["out.csv"]}'.$$.$t.part; done; "
                + $"exec '{CliProcess.Dotnet}' '{CliProcess.Program}' predict data-run --text film --out out.csv")
            .Fails(5, "No space left on device", "Make room there").InOneLine();
        Assert.False(File.Exists(_scratch["out.csv"]));
    }

    [Fact]
    public void Adapters_ThatCannotBe_AreRefused()
    {
        Train("data.csv", "--rank", "33").Fails(2, "33", "wanted at most 32").InOneLine();
        Train("data.csv", "--rank", "0").Fails(2, "--rank: got 0; wanted at least 1").InOneLine();
        Train("data.csv", "--target-modules", "q_proj").Fails(2, "q_proj matched nothing", "bert.encoder.layer.0.attention.self.query").InOneLine();
        Train("data.csv", "--target-modules", "query,vlaue").Fails(2, "targets: vlaue matched nothing").InOneLine();
        Train("data.csv", "--target-modules", "/(/").Fails(2, "(").InOneLine();
        Train("data.csv", "--depth", "3").Fails(2, "--depth belongs to deep-lora").InOneLine();
        Train("data.csv", "--adapter", "deep-lora", "--depth", "1").Fails(2, "--depth: got 1; wanted at least 2").InOneLine();
        Assert.False(Directory.Exists(_scratch["data-run"]));
    }

    [Fact]
    public void Folders_InUse_AreKept()
    {
        Train("data.csv").Succeeds();
        Train("data.csv").Fails(2, "data-run: a run is there already", "--resume", "--force").InOneLine();
        Train("data.csv", "--force").Succeeds();
        Train("data.csv", "--out", "model", "--force").Fails(2, "model: there is something else already").InOneLine();
        Assert.True(File.Exists(_scratch["model/config.json"]));
    }

    [Fact]
    public void Numbers_OutOfRange_AreRefusedByTheirOptionsName()
    {
        Train("data.csv", "--steps", "0").Fails(2, "--steps: got 0; wanted at least 1");
        Train("data.csv", "--learning-rate", "-0.1").Fails(2, "--learning-rate: got -0.1; wanted more than 0");
        Train("data.csv", "--clip", "NaN").Fails(2, "--clip: got NaN; wanted at least 0");
        Train("data.csv", "--few-shot", "0").Fails(2, "--few-shot: got 0; wanted at least 1");
        File.WriteAllText(_scratch["config.json"], """{ "model_folder": "model", "training": { "batch_size": 0 } }""");
        Run("finetune", "data.csv", "--config", "config.json").Fails(2, "BatchSize: got 0; wanted at least 1").InOneLine();
        Assert.False(Directory.Exists(_scratch["data-run"]));
    }

    [Theory]
    [InlineData("finetune", "data.csv", "--model", "model", "--out", "data.csv/run")]
    [InlineData("predict", "absent", "--text", "x", "--out", "data.csv/p.csv")]
    [InlineData("evaluate", "absent", "--data", "data.csv", "--predictions", "data.csv/p.csv")]
    [InlineData("merge", "absent", "--out", "data.csv/merged")]
    [InlineData("sample", "--task", "facts", "--out", "data.csv/facts")]
    public void Places_ThatCannotBeWritten_AreRefusedFirst(params string[] command)
    {
        var option = command.Contains("--predictions") ? "--predictions" : "--out";
        Run(command).Fails(5, "data.csv is a file; wanted a place that can be written", $"Choose another {option}").InOneLine();
    }

    [Fact]
    public void Folder_WithOneSampleTask_IsReadAsNamed()
    {
        Directory.CreateDirectory(_scratch["films"]);
        File.Copy(_scratch["data.csv"], _scratch["films/films-train.csv"]);
        File.Copy(_scratch["data.csv"], _scratch["films/films-test.csv"]);
        Train("films", "--dry-run").Succeeds();
        File.WriteAllText(_scratch["films/films-validation.csv"], "nothing\n");
        Train("films", "--dry-run").Fails(3, "films-validation.csv");
        File.Copy(_scratch["data.csv"], _scratch["films/books-train.csv"]);
        Train("films", "--dry-run").Fails(2, "any of books-train.csv, films-train.csv could be meant").InOneLine();
    }

    [Fact]
    public void Files_ThatAreNotThere_AreNamed()
    {
        Train("gone.csv").Fails(4, "gone.csv").InOneLine();
        Train("gone").Fails(4, "gone").InOneLine();
        Run("finetune", "--model", "model").Fails(2, "There is nothing to learn from").InOneLine();
        Run("finetune", "data.csv").Fails(2, "--model is missing").InOneLine();
        Run("finetune", "--task", "rte", "--model", "model")
            .Fails(4, "rte/train-00000-of-00001.parquet", "'hf download nyu-mll/glue --repo-type dataset").InOneLine();
        Run("finetune", "--task", "rta", "--model", "model").Fails(2, "got 'rta'", "rte").InOneLine();
        Run("finetune", "--config", "gone.json").Fails(4, "gone.json").InOneLine();
        Run("evaluate", "model", "--data", "data.csv").Fails(3, "a model without a classification head", "Fine-tune it first").InOneLine();
        Run("predict", "gone", "--text", "x").Fails(4, "gone").InOneLine();
        Run("inspect", "gone").Fails(4, "gone").InOneLine();
    }

    [Fact]
    public void Runs_ThatAreDamaged_AreRefused()
    {
        Train("data.csv").Succeeds();
        var weights = _scratch["data-run/adapter/adapter_model.safetensors"];
        var bytes = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, bytes[..(bytes.Length / 2)]);
        Run("predict", "data-run", "--text", "x").Fails(3, "adapter_model.safetensors").InOneLine();
        Directory.Move(_scratch["model"], _scratch["moved"]);
        File.WriteAllBytes(weights, bytes);
        Run("predict", "data-run", "--text", "x").Fails(4, "the run was trained on the model in it").InOneLine();
        Run("predict", "data-run", "--text", "x", "--model", "moved").Succeeds();
        File.WriteAllText(_scratch["data-run/config.json"], """{"model_folder": "m", "learning_speed": 3}""");
        Run("finetune", "--config", "data-run").Fails(3, "learning_speed").InOneLine();
    }

    [Fact]
    public void Loss_ThatBecomesInfinite_EndsTheRunWithAReason()
    {
        var result = Train("data.csv", "--learning-rate", "1e30", "--head-learning-rate", "1e30", "--clip", "0", "--schedule", "constant");
        Assert.Equal(6, result.ExitCode);
        Assert.Contains("became NaN or infinite", result.Output, StringComparison.Ordinal);
        Assert.Contains("Try a lower --learning-rate", result.Output, StringComparison.Ordinal);
    }

    private CliResult Train(string file, params string[] more)
    {
        // What a test names replaces what all share.
        var shared = Quick.Chunk(2).Where(pair => !more.Contains(pair[0])).SelectMany(pair => pair);
        return Run(["finetune", file, .. shared, .. more]);
    }

    private CliResult Run(params string[] args) => CliProcess.In(_scratch.Path, "", args);
}
