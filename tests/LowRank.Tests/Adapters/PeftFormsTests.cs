using System.Text.Json.Nodes;
using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Testing;
using static LowRank.Tests.Adapters.AdapterCases;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

/// <summary>The less common forms of PEFT's folders, each against the reader made from the format's description.</summary>
public sealed class PeftFormsTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly ToyEncoder _model = new(AdapterCases.Seed);
    private readonly ToyEncoder _fresh = new(AdapterCases.Seed);
    private readonly Tensor _ids = ToyEncoder.Ids(AdapterCases.Seed.For("ids"), 17);

    /// <summary>Changes of the configuration, and the tensors that come with them: name and shape.</summary>
    public static TheoryData<string, string> Forms => new()
    {
        { "{}", "" },
        { "{\"bias\": \"all\"}", "query.base_layer.bias 12; dense.base_layer.bias 24" },
        { "{\"bias\": \"all\"}", "query.bias 12; dense.bias 24" },
        { "{\"bias\": \"lora_only\"}", "query.base_layer.bias 12; dense.base_layer.bias 24" },
        { "{\"bias\": \"lora_only\", \"target_modules\": [\"dense\"]}", "dense.base_layer.bias 24" },
        { "{\"lora_bias\": true}", "query.lora_B.bias 12; dense.lora_B.bias 24" },
        { "{\"lora_bias\": true, \"bias\": \"lora_only\"}",
            "query.lora_B.bias 12; dense.lora_B.bias 24; query.base_layer.bias 12; dense.base_layer.bias 24" },
        { "{\"use_dora\": true}", "query.lora_magnitude_vector 12; dense.lora_magnitude_vector 24" },
        { "{\"use_dora\": true, \"use_rslora\": true}", "query.lora_magnitude_vector 12; dense.lora_magnitude_vector 24" },
        { "{\"fan_in_fan_out\": true}", "" },
        { "{\"layers_to_transform\": [0], \"target_modules\": [\"query\", \"dense\"]}", "only query" },
        { "{\"target_modules\": \"dummy-target-modules\"}", "none" },
    };

    public void Dispose()
    {
        _model.Dispose();
        _fresh.Dispose();
        _ids.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Read_FormOfPeft_GivesWhatTheFormatSays(string config, string tensors)
    {
        WriteForeign(config, tensors);
        using var set = PeftFolder.Read(_scratch.Path, _fresh);
        var read = Logits(_fresh, _ids);
        new PeftReader(_scratch.Path).MergeInto(_model);
        AssertClose(Logits(_model, _ids), read, 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Write_FormThatWasRead_SaysTheSame(string config, string tensors)
    {
        WriteForeign(config, tensors);
        using var set = PeftFolder.Read(_scratch.Path, _fresh);
        var expected = Logits(_fresh, _ids);
        Assert.Equal(PeftFolder.ReadOptions(_scratch.Path), set.Options);
        PeftFolder.Write(_scratch["again"], set);
        new PeftReader(_scratch["again"]).MergeInto(_model);
        AssertClose(expected, Logits(_model, _ids), 1e-5f);
        using var other = new ToyEncoder(AdapterCases.Seed);
        using var again = PeftFolder.Read(_scratch["again"], other);
        AssertClose(expected, Logits(other, _ids), 1e-6f);
        Assert.Equal(set.TrainedInFull.Order(), again.TrainedInFull.Order());
    }

    [Fact]
    public void Write_LayersOfSeveralRanksAndScales_AreFoldedIntoOne()
    {
        WriteForeign("{\"rank_pattern\": {\"dense\": 2}, \"alpha_pattern\": {\"dense\": 9}}", "");
        using var set = PeftFolder.Read(_scratch.Path, _fresh);
        PeftFolder.Write(_scratch["again"], set);
        Assert.Equal(2, Directory.GetFiles(_scratch["again"]).Length);
        using var other = new ToyEncoder(AdapterCases.Seed);
        using var again = PeftFolder.Read(_scratch["again"], other);
        AssertClose(Logits(_fresh, _ids), Logits(other, _ids), 1e-5f);
        Assert.All(again.Adapters, adapter => Assert.Equal((4, 1.0), (adapter.Rank, adapter.Scale)));
    }

    [Fact]
    public void ReadBase_SaysWhatTheFolderSays()
    {
        WriteForeign("{\"base_model_name_or_path\": \"org/model\", \"revision\": \"main\"}", "");
        Assert.Equal(new PeftBase("org/model", "main"), PeftFolder.ReadBase(_scratch.Path));
        WriteForeign("{}", "");
        Assert.Equal(new PeftBase(null, null), PeftFolder.ReadBase(_scratch.Path));
    }

    [Theory]
    [InlineData("lora-scaled")]
    [InlineData("lora-pissa")]
    [InlineData("lora-xs")]
    [InlineData("deep-3")]
    [InlineData("deep-wide")]
    public void Write_Compact_KeepsTheRanksThatAreUsed(string name)
    {
        using var set = Attach(_model, name);
        Perturb(set);
        var expected = Logits(_model, _ids);
        PeftFolder.Write(_scratch["exact"], set, new PeftOptions { Tolerance = 0 });
        new PeftReader(_scratch["exact"]).MergeInto(_fresh);
        AssertClose(expected, Logits(_fresh, _ids), 1e-4f);

        var report = PeftFolder.Write(_scratch["compact"], set, new PeftOptions { Tolerance = 0.5 });
        var file = new PeftReader(_scratch["compact"]);
        var rank = file.Config.GetProperty("r").GetInt32();
        Assert.Equal(report.Ranks.Keys.Order(), file.Strings("target_modules").Order());
        Assert.Equal(rank, report.Ranks.Values.Max());
        foreach (var (path, own) in report.Ranks)
        {
            foreach (var pattern in new[] { "rank_pattern", "alpha_pattern" })
            {
                var written = file.Config.GetProperty(pattern).TryGetProperty(path, out var value) ? value.GetInt32() : rank;
                Assert.Equal(own, written);
            }
        }

        Assert.True(report.Ranks.Values.Sum() < set.Adapters.Sum(adapter => adapter.Rank));
        Assert.Empty(Directory.GetFiles(_scratch["compact"], "*lora.*"));
        using var fresh = new ToyEncoder(AdapterCases.Seed);
        using var read = PeftFolder.Read(_scratch["compact"], fresh);
        using var merged = new ToyEncoder(AdapterCases.Seed);
        file.MergeInto(merged);
        AssertClose(Logits(merged, _ids), Logits(fresh, _ids), 1e-5f);
    }

    [Theory]
    [InlineData(TensorDtype.BF16, "BF16", 0.1f)]
    [InlineData(TensorDtype.F16, "F16", 0.01f)]
    public void Write_HalfPrecision_IsReadBack(TensorDtype dtype, string name, float tolerance)
    {
        using var set = Attach(_model, "deep-3");
        Perturb(set);
        PeftFolder.Write(_scratch.Path, set, new PeftOptions { Dtype = dtype });
        using (var file = SafeTensorsFile.Open(Path.Combine(_scratch.Path, PeftFolder.WeightsName)))
        {
            Assert.All(file.Entries, entry => Assert.Equal(name, entry.Dtype.FileName()));
        }

        Assert.Equal(2, Directory.GetFiles(_scratch.Path).Length);
        using var read = PeftFolder.Read(_scratch.Path, _fresh);
        var logits = Logits(_fresh, _ids);
        AssertClose(Logits(_model, _ids), logits, tolerance);
        using var merged = new ToyEncoder(AdapterCases.Seed);
        new PeftReader(_scratch.Path).MergeInto(merged);
        AssertClose(logits, Logits(merged, _ids), 1e-5f);
    }

    [Fact]
    public void Write_HeadOnly_IsAnAdapterWithoutLayers()
    {
        using var set = AdapterSet.Attach(
            _model, new HeadOnlyOptions(), TargetSelector.AllLinear(), AdapterCases.Seed, ["classifier"]);
        Perturb(set);
        Assert.Empty(PeftFolder.Write(_scratch.Path, set).Ranks);
        Assert.Equal(2, new PeftReader(_scratch.Path).Names.Count);
        using var read = PeftFolder.Read(_scratch.Path, _fresh);
        Assert.IsType<HeadOnlyOptions>(read.Options);
        Assert.Equal(new HeadOnlyOptions(), PeftFolder.ReadOptions(_scratch.Path));
        Assert.Equal(Logits(_model, _ids), Logits(_fresh, _ids));
    }

    [Fact]
    public void Write_WhatNoAdapterFileHolds_Refuses()
    {
        using (var full = AdapterSet.Attach(_model, new FullOptions(), TargetSelector.AllLinear(), AdapterCases.Seed))
        {
            Assert.Throws<InvalidOperationException>(() => PeftFolder.Write(_scratch["full"], full));
        }

        using var dora = Attach(_model, "dora");
        var options = new PeftOptions { Tolerance = 0.1 };
        Assert.Throws<InvalidOperationException>(() => PeftFolder.Write(_scratch["dora"], dora, options));
        Assert.Empty(Directory.GetFileSystemEntries(_scratch.Path));
    }

    // A folder as PEFT writes it: rank 4 and alpha 6 on query and dense, the head beside.
    private void WriteForeign(string changes, string more)
    {
        var config = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["r"] = 4,
            ["lora_alpha"] = 6,
            ["bias"] = "none",
            ["use_rslora"] = false,
            ["target_modules"] = new JsonArray("query", "dense"),
            ["modules_to_save"] = new JsonArray("classifier"),
            ["rank_pattern"] = new JsonObject(),
            ["alpha_pattern"] = new JsonObject(),
        };
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject().ToList())
        {
            config[key] = value?.DeepClone();
        }

        File.WriteAllText(_scratch["adapter_config.json"], config.ToJsonString());
        var adapted = config["target_modules"] is JsonArray names ? names.Select(name => $"{name}").ToList() : [];
        var shapes = new List<(string Name, long[] Shape)> { ("classifier.weight", [3, 24]), ("classifier.bias", [3]) };
        foreach (var name in adapted.Where(name => more != "only query" || name == "query"))
        {
            var rank = config["rank_pattern"]![name]?.GetValue<int>() ?? 4;
            shapes.Add(($"{name}.lora_A.weight", [rank, 12]));
            shapes.Add(($"{name}.lora_B.weight", [name == "query" ? 12 : 24, rank]));
        }

        shapes.AddRange(more.Split("; ", StringSplitOptions.RemoveEmptyEntries)
            .Where(entry => entry.Contains('.', StringComparison.Ordinal))
            .Select(entry => entry.Split(' '))
            .Select(entry => (entry[0], new[] { long.Parse(entry[1], System.Globalization.CultureInfo.InvariantCulture) })));
        using var tensors = new TensorMap();
        foreach (var (name, shape) in shapes)
        {
            using var generator = AdapterCases.Seed.For(name).Generator();
            var numbers = randn(shape, ScalarType.Float32, generator: generator).mul_(0.3);
            tensors.Add($"base_model.model.{name}", name.EndsWith("magnitude_vector", StringComparison.Ordinal) ? numbers.abs_() : numbers);
        }

        tensors.Metadata["format"] = "pt";
        tensors.Save(_scratch[PeftFolder.WeightsName]);
    }
}
