using LowRank.Adapters;
using LowRank.Testing;
using static LowRank.Tests.Adapters.AdapterCases;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

public sealed class PeftFolderTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly ToyEncoder _model = new(AdapterCases.Seed);
    private readonly ToyEncoder _fresh = new(AdapterCases.Seed);
    private readonly Tensor _ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 17);

    public void Dispose()
    {
        _model.Dispose();
        _fresh.Dispose();
        _ids.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Read_WhatWasWritten_GivesTheSameFactorsAndOutput(string name)
    {
        using var set = Write(name);
        using var read = PeftFolder.Read(_scratch.Path, _fresh);
        Assert.Equal(Logits(_model, _ids), Logits(_fresh, _ids));
        Assert.Equal(set.Adapters.Select(adapter => adapter.Scale), read.Adapters.Select(adapter => adapter.Scale));
        Assert.Equal(set.Options is LoraOptions ? typeof(LoraOptions) : set.Options.GetType(), read.Options.GetType());
        if (set.Options is not LoraOptions)
        {
            Assert.Equal(set.Options, read.Options);
        }

        Assert.Equal(Bytes(set), Bytes(read));
        Assert.Equal(
            set.Trained().Select(parameter => (parameter.Name, parameter.RateRatio)),
            read.Trained().Select(parameter => (parameter.Name, parameter.RateRatio)));
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Read_WithoutTheSideFile_GivesThePlainLoraWithinRounding(string name)
    {
        using var set = Write(name);
        foreach (var side in Directory.GetFiles(_scratch.Path, "*lora.*"))
        {
            File.Delete(side);
        }

        using var read = PeftFolder.Read(_scratch.Path, _fresh);
        Assert.All(read.Adapters, adapter => Assert.Equal(1, adapter.Scale));
        AssertClose(Logits(_model, _ids), Logits(_fresh, _ids), 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Names), MemberType = typeof(AdapterCases))]
    public void Write_Always_IsWhatAReaderMadeFromTheFormatsDescriptionExpects(string name)
    {
        using var set = Write(name);
        var expected = Logits(_model, _ids);
        var file = new PeftReader(_scratch.Path);
        Assert.Equal("LORA", file.Config.GetProperty("peft_type").GetString());
        Assert.Equal("SEQ_CLS", file.Config.GetProperty("task_type").GetString());
        Assert.Equal(file.Config.GetProperty("r").GetInt32(), file.Config.GetProperty("lora_alpha").GetInt32());
        Assert.Equal(["classifier"], file.Strings("modules_to_save"));
        Assert.Equal(Targets(name), file.Strings("target_modules"));
        Assert.Equal("pt", file.Metadata["format"]);
        file.MergeInto(_fresh);
        AssertClose(expected, Logits(_fresh, _ids), 1e-5f);
    }

    [Fact]
    public void Write_UntrainedHead_IsStoredWhenAskedFor()
    {
        using var set = Attach(_model, "lora", []);
        PeftFolder.Write(_scratch.Path, set, new PeftOptions { Heads = ["classifier"] });
        using var read = PeftFolder.Read(_scratch.Path, _fresh);
        Assert.Equal(["classifier"], read.HeadPaths);
    }

    [Fact]
    public void Read_WidthsOfPeft_AreScaledByItsPatterns()
    {
        using var set = Write("lora");
        var expected = new PeftReader(_scratch.Path);
        Edit("\"alpha_pattern\": {}", "\"alpha_pattern\": {\"query\": 2, \"de.se\": 6}");
        Edit("\"lora_alpha\": 4", "\"lora_alpha\": 8");
        Edit("\"use_rslora\": false", "\"use_rslora\": true");
        using var read = PeftFolder.Read(_scratch.Path, _fresh);
        Assert.Equal([4.0, 1.0, 3.0], read.Adapters.Select(adapter => adapter.Scale));
    }

    [Fact]
    public void Read_MissingAndUnexpectedNames_ListsThem()
    {
        using var set = Write("lora");
        Edit("\"query\"", "\"query\", \"key\", \"classifier\"");
        using (var tensors = LowRank.Tensors.TensorMap.Load(Weights))
        {
            tensors.Take("base_model.model.query.lora_B.weight").Dispose();
            tensors.Add("base_model.model.bert.lora_A.weight", zeros(4, 4));
            tensors.Take("base_model.model.classifier.bias").Dispose();
            tensors.Save(Weights);
        }

        var error = Assert.Throws<InvalidDataException>(() => PeftFolder.Read(_scratch.Path, _fresh));
        Assert.EndsWith(
            "the adapter does not fit the model. Missing (2): base_model.model.query.lora_B.weight, "
                + "base_model.model.classifier.bias. Unexpected (1): base_model.model.bert.lora_A.weight.",
            error.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WrongShape_SaysWhich()
    {
        using var set = Write("lora");
        using (var tensors = LowRank.Tensors.TensorMap.Load(Weights))
        {
            tensors.Take("base_model.model.query.lora_A.weight").Dispose();
            tensors.Add("base_model.model.query.lora_A.weight", zeros(4, 5));
            tensors.Save(Weights);
        }

        var error = Assert.Throws<InvalidDataException>(() => PeftFolder.Read(_scratch.Path, _fresh));
        Assert.Contains("query.lora_A.weight: got [4, 5]; wanted [r, 12]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"peft_type\": \"LORA\"", "\"peft_type\": \"LOHA\"", "peft_type: got \"LOHA\"")]
    [InlineData("\"use_dora\": false", "\"use_dora\": true", "Missing (3): base_model.model.embeddings.lora_magnitude_vector")]
    [InlineData("\"bias\": \"none\"", "\"bias\": \"all\"", "Missing (2): base_model.model.query.base_layer.bias")]
    [InlineData("\"bias\": \"none\"", "\"bias\": \"some\"", "bias: got \"some\"")]
    [InlineData("\"r\": 4", "\"r\": 5", "got rank 4 and 4; wanted 5")]
    [InlineData("\"r\": 4", "\"r\": \"four\"", "malformed configuration")]
    [InlineData("{", "", "malformed configuration")]
    [InlineData("\"classifier\"", "\"score\"", "modules_to_save")]
    public void Read_ConfigurationItCannotHonour_Refuses(string from, string to, string message)
    {
        using var set = Write("lora");
        Edit(from, to);
        var before = Logits(_fresh, _ids);
        var error = Assert.Throws<InvalidDataException>(() => PeftFolder.Read(_scratch.Path, _fresh));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Logits(_fresh, _ids));
    }

    [Fact]
    public void Read_SideFileOfAnotherRun_Refuses()
    {
        using var set = Write("deep-3");
        var other = File.ReadAllBytes(Path.Combine(_scratch.Path, "deep_lora.safetensors"));
        other[^5] ^= 0x3F;
        File.WriteAllBytes(Path.Combine(_scratch.Path, "deep_lora.safetensors"), other);
        var error = Assert.Throws<InvalidDataException>(() => PeftFolder.Read(_scratch.Path, _fresh));
        Assert.Contains("files of one run", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NothingThere_SaysWhatIsWanted()
    {
        var error = Assert.Throws<FileNotFoundException>(() => PeftFolder.Read(_scratch.Path, _fresh));
        Assert.Contains("adapter_config.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteAndRead_LeaveNoTensorBehind() => LeakGate.Closed(() =>
    {
        using (Write("deep-3"))
        {
            PeftFolder.Read(_scratch.Path, _fresh).Dispose();
        }

        Assert.Throws<InvalidDataException>(() => { Edit("LORA", "LOHA"); PeftFolder.Read(_scratch.Path, _fresh); });
    });

    private string Weights => Path.Combine(_scratch.Path, PeftFolder.WeightsName);

    private AdapterSet Write(string name)
    {
        var set = Attach(_model, name);
        Perturb(set);
        PeftFolder.Write(_scratch.Path, set, new PeftOptions { BaseModel = "toy", TaskType = "SEQ_CLS" });
        return set;
    }

    private void Edit(string from, string to)
    {
        var path = Path.Combine(_scratch.Path, "adapter_config.json");
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    private static List<byte[]> Bytes(AdapterSet set) =>
        [.. set.Saved().Select(parameter => parameter.Value.bytes.ToArray())];
}
