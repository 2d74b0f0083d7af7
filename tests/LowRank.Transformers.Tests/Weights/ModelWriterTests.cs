using System.Text.Json.Nodes;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tests.Encoders;
using LowRank.Transformers.Weights;
using TorchSharp;

namespace LowRank.Transformers.Tests.Weights;

public sealed class ModelWriterTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public static TheoryData<string> Models => [.. GoldenModel.Names];

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void Write_ThenLoad_GivesTheVeryLogits(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open(name);
        foreach (var (folder, bytes) in new[] { ("whole", long.MaxValue), ("parts", 20_000L), ("singles", 1L) })
        {
            ModelWriter.Write(
                _scratch[folder], golden.Model, GoldenModel.Folder(name), new ModelWriterOptions { MaxShardBytes = bytes });
            var (model, report) = Pretrained.SequenceClassifier(_scratch[folder], Seed.From(1));
            using var loaded = model;
            Assert.Empty(report.NewlyInitialised);
            Assert.Empty(report.Renamed);
            Assert.Equal(golden.Model.Config, model.Config with { Labels = golden.Model.Config.Labels });
            Assert.Equal(golden.Model.Config.Labels, model.Config.Labels);
            Assert.True(golden.Model.call(golden.Batch()).equal(loaded.call(golden.Batch())).all().item<bool>());
        }

        Assert.True(File.Exists(_scratch["whole/model.safetensors"]));
        Assert.False(File.Exists(_scratch["parts/model.safetensors"]));
    }

    [Fact]
    public void Write_LargerThanOneFile_IsCutAsTheIndexSays()
    {
        using var golden = GoldenModel.Open("bert-3way");
        ModelWriter.Write(
            _scratch["m"], golden.Model, GoldenModel.Folder("bert-3way"), new ModelWriterOptions { MaxShardBytes = 20_000 });
        var index = JsonNode.Parse(File.ReadAllText(_scratch["m/model.safetensors.index.json"]))!;
        var homes = index["weight_map"]!.AsObject().ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<string>());
        var files = Directory.GetFiles(_scratch["m"], "*.safetensors").Select(file => Path.GetFileName(file)!).Order().ToList();
        Assert.Equal(files, homes.Values.Distinct().Order());
        Assert.Equal($"model-00001-of-{files.Count:00000}.safetensors", files[0]);
        var total = 0L;
        foreach (var name in files)
        {
            using var file = SafeTensorsFile.Open(_scratch[$"m/{name}"]);
            var bytes = file.Entries.Sum(entry => entry.ByteLength);
            Assert.True(bytes <= 20_000 || file.Entries.Count == 1, name);
            Assert.Equal("pt", file.Metadata["format"]);
            Assert.All(file.Entries, entry => Assert.Equal(name, homes[entry.Name]));
            total += bytes;
        }

        Assert.Equal(total, index["metadata"]!["total_size"]!.GetValue<long>());
        Assert.Equal(golden.Model.named_parameters().Select(entry => entry.name).Order(), homes.Keys.Order());
    }

    [Theory]
    [InlineData(TensorDtype.F16, "float16", 2e-3)]
    [InlineData(TensorDtype.BF16, "bfloat16", 2e-2)]
    public void Write_HalfPrecision_HalvesTheFileAndIsReadBack(TensorDtype dtype, string name, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Open("bert-3way");
        ModelWriter.Write(_scratch["m"], golden.Model, GoldenModel.Folder("bert-3way"), new ModelWriterOptions { Dtype = dtype });
        Assert.Equal(name, Config("m")["torch_dtype"]!.GetValue<string>());
        using (var file = SafeTensorsFile.Open(_scratch["m/model.safetensors"]))
        {
            Assert.All(file.Entries, entry => Assert.Equal(dtype, entry.Dtype));
        }

        var (model, _) = Pretrained.SequenceClassifier(_scratch["m"], Seed.From(1));
        using var loaded = model;
        SequenceClassifierTests.AssertClose(golden.Logits(), loaded.call(golden.Batch()), tolerance);
    }

    [Fact]
    public void Write_Config_KeepsTheBasesKeysAndSaysWhatIsNew()
    {
        Directory.CreateDirectory(_scratch["base"]);
        var source = JsonNode.Parse(File.ReadAllText(Path.Combine(GoldenModel.Folder("bert-3way"), "config.json")))!;
        source["num_labels"] = 5;
        source["dtype"] = "float16";
        source.AsObject().Remove("id2label");
        source["finetuning_note"] = "kept";
        File.WriteAllText(_scratch["base/config.json"], source.ToJsonString());
        foreach (var name in new[] { "vocab.txt", "tokenizer.json", "README.md" })
        {
            File.WriteAllText(_scratch[$"base/{name}"], name);
        }

        using var golden = GoldenModel.Open("bert-3way");
        ModelWriter.Write(_scratch["m"], golden.Model, _scratch["base"]);
        var config = Config("m");
        Assert.Equal("kept", config["finetuning_note"]!.GetValue<string>());
        Assert.Equal("BertForSequenceClassification", config["architectures"]![0]!.GetValue<string>());
        Assert.Equal(golden.Model.Config.Labels, config["id2label"]!.AsObject().Select(entry => entry.Value!.GetValue<string>()));
        Assert.Equal(["0", "1", "2"], config["id2label"]!.AsObject().Select(entry => entry.Key));
        Assert.Equal([0, 1, 2], config["label2id"]!.AsObject().Select(entry => entry.Value!.GetValue<int>()));
        Assert.Equal("single_label_classification", config["problem_type"]!.GetValue<string>());
        Assert.Equal("float32", config["dtype"]!.GetValue<string>());
        Assert.Null(config["num_labels"]);
        Assert.Equal(
            ["config.json", "model.safetensors", "tokenizer.json", "vocab.txt"],
            Directory.GetFiles(_scratch["m"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(float.NaN, TensorDtype.F32, "got a NaN or infinite number")]
    [InlineData(1e6f, TensorDtype.F16, "got numbers too large for F16; wanted finite ones: write BF16")]
    public void Write_NumbersThatAreNotFinite_RefusesAndWritesNothing(float number, TensorDtype dtype, string message)
    {
        using var golden = GoldenModel.Open("bert-3way");
        using (torch.no_grad())
        {
            golden.Model.get_parameter("classifier.bias")!.fill_(number);
        }

        var error = Assert.Throws<InvalidDataException>(() => ModelWriter.Write(
            _scratch["m"], golden.Model, GoldenModel.Folder("bert-3way"), new ModelWriterOptions { Dtype = dtype }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("classifier.bias", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_scratch.Path));
    }

    [Fact]
    public void Write_FolderInUse_IsKeptUnlessReplaced()
    {
        Directory.CreateDirectory(_scratch["m"]);
        File.WriteAllText(_scratch["m/mine"], "");
        using var golden = GoldenModel.Open("bert-3way");
        var source = GoldenModel.Folder("bert-3way");
        Assert.Throws<IOException>(() => ModelWriter.Write(_scratch["m"], golden.Model, source));
        Assert.Equal([_scratch["m/mine"]], Directory.GetFileSystemEntries(_scratch["m"]));
        ModelWriter.Write(_scratch["m"], golden.Model, source, new ModelWriterOptions { Replace = true });
        Assert.False(File.Exists(_scratch["m/mine"]));
    }

    [Fact]
    public void Write_LeavesNoTensorBehind()
    {
        using var golden = GoldenModel.Open("bert-3way");
        var number = 0;
        LeakGate.Closed(() => ModelWriter.Write(
            _scratch[$"{number++}"],
            golden.Model,
            GoldenModel.Folder("bert-3way"),
            new ModelWriterOptions { Dtype = TensorDtype.BF16, MaxShardBytes = 9_000 }));
    }

    private JsonNode Config(string folder) => JsonNode.Parse(File.ReadAllText(_scratch[$"{folder}/config.json"]))!;
}
