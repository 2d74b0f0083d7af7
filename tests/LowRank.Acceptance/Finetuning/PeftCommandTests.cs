using System.Text.Json.Nodes;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Tests.Weights;

namespace LowRank.Acceptance.Finetuning;

/// <summary>merge, export, import, and going on from an adapter, by the real program.</summary>
public sealed class PeftCommandTests : IDisposable
{
    private static readonly string[] Quick =
        ["--model", "model", "--epochs", "4", "--batch-size", "8", "--learning-rate", "0.01", "--head-learning-rate", "0.01"];

    private readonly ScratchFolder _scratch = new();

    public PeftCommandTests()
    {
        TinyModel.Write(_scratch["model"]);
        File.WriteAllText(_scratch["data.csv"], TinyModel.Csv(48));
        File.WriteAllText(_scratch["texts.txt"], string.Join('\n', TinyModel.Texts(20, 5, 2)) + "\n");
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("deep-lora")]
    [InlineData("dora")]
    [InlineData("full")]
    public void Merge_ThenEvaluatePredictFinetune_Works(string adapter)
    {
        Train(adapter);
        var merged = Run("merge", "data-run", "--out", "merged", "--verify", "--max-shard-size", "10KB").Succeeds();
        Assert.Contains("the written folder", merged.Output, StringComparison.Ordinal);
        Assert.Contains("validation rows of data.csv", merged.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_scratch["merged/model.safetensors.index.json"]));
        AssertClose(Logits("data-run"), Logits("merged"), 1e-4);
        Assert.Equal(Accuracy("data-run"), Accuracy("merged"));
        Assert.Contains("a model", Run("inspect", "merged").Succeeds().Output, StringComparison.Ordinal);
        Run("inspect", "data-run").Succeeds();
        var again = Run(["finetune", "data.csv", "--out", "again", "--model", "merged", .. Quick[2..]]).Succeeds();
        Assert.DoesNotContain("new, drawn from seed", again.Error, StringComparison.Ordinal);
        Run("merge", "data-run", "--out", "merged").Fails(2, "merged: there is something already", "--out").InOneLine();
    }

    [Theory]
    [InlineData("f32", 4)]
    [InlineData("bf16", 2)]
    public void Merge_NumberFormats_AreWrittenAndVerified(string dtype, int bytes)
    {
        Train("lora");
        var json = JsonNode.Parse(Run("merge", "data-run", "--out", "merged", "--dtype", dtype, "--verify", "--json").Succeeds().Output)!;
        Assert.InRange(json["written_difference"]!.GetValue<double>(), bytes == 4 ? 0 : 1e-6, bytes == 4 ? 1e-5 : 0.3);
        using var file = SafeTensorsFile.Open(_scratch["merged/model.safetensors"]);
        Assert.All(file.Entries, entry => Assert.Equal(bytes, entry.Dtype.ByteSize()));
    }

    [Fact]
    public void Merge_NaN_IsRefusedAndNothingWritten()
    {
        Train("lora");
        var path = _scratch["data-run/adapter/adapter_model.safetensors"];
        using (var file = SafeTensorsFile.Open(path))
        {
            SafeTensors.Write(_scratch["nan.safetensors"], file.Entries.Select(entry =>
                TensorData.Of(entry.Name, Enumerable.Repeat(float.NaN, (int)entry.Count).ToArray(), [.. entry.Shape])));
        }

        File.Move(_scratch["nan.safetensors"], path, overwrite: true);
        Run("merge", "data-run", "--out", "merged").Fails(3, "NaN or infinite number; nothing was merged").InOneLine();
        Assert.False(Directory.Exists(_scratch["merged"]));
    }

    [Theory]
    [InlineData("deep-lora")]
    [InlineData("dora")]
    [InlineData("head-only")]
    public void Export_ThenImport_GivesTheSameLogits(string adapter)
    {
        Train(adapter);
        var said = Run("export", "data-run", "--format", "peft", "--out", "peft", "--verify").Succeeds();
        Assert.Contains("logits: largest difference", said.Output, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(_scratch["peft"]).Length);
        Run("import", "peft", "--out", "imported", "--labels", "bad,good").Succeeds();
        AssertClose(Logits("data-run"), Logits("imported"), 1e-5);
        Assert.Equal(Accuracy("data-run"), Accuracy("imported"));
        Assert.Contains("an imported adapter", Run("inspect", "imported").Succeeds().Output, StringComparison.Ordinal);
        Run("merge", "imported", "--out", "merged", "--verify").Succeeds();
        Run(["finetune", "data.csv", "--from", "imported", "--epochs", "1"]).Fails(2, "data-run: a run is there already");
        Run(["finetune", "data.csv", "--from", "imported", "--epochs", "1", "--out", "more"]).Succeeds();
    }

    [Fact]
    public void Export_Compact_IsSmallerAndSaysWhatDiffers()
    {
        Train("deep-lora");
        Run("export", "data-run", "--out", "whole").Succeeds();
        var json = JsonNode.Parse(Run(
            "export", "data-run", "--out", "small", "--compact", "--tolerance", "0.05", "--dtype", "f16", "--verify", "--json").Succeeds().Output)!;
        Assert.True(json["bytes"]!.GetValue<long>() < Directory.GetFiles(_scratch["whole"]).Sum(file => new FileInfo(file).Length) / 2);
        Assert.InRange(json["difference"]!.GetValue<double>(), 1e-9, 0.5);
        var config = JsonNode.Parse(File.ReadAllText(_scratch["small/adapter_config.json"]))!;
        foreach (var rank in json["ranks"]!.AsObject())
        {
            Assert.Equal(
                rank.Value!.GetValue<int>(),
                (config["rank_pattern"]![rank.Key] ?? config["r"])!.GetValue<int>());
        }

        Run("import", "small", "--out", "imported").Succeeds();
    }

    [Fact]
    public void Export_WhatCannotBe_IsRefused()
    {
        Train("dora");
        Run("export", "data-run", "--out", "x", "--compact").Fails(2, "--compact: DoRA's magnitudes").InOneLine();
        Run("export", "data-run", "--out", "x", "--tolerance", "0.1").Fails(2, "--tolerance belongs to --compact").InOneLine();
        Run("export", "data-run", "--out", "model").Fails(2, "model: there is something already").InOneLine();
        Run("export", "model", "--out", "x").Fails(3, "a model without a classification head").InOneLine();
        Directory.Delete(_scratch["data-run"], recursive: true);
        Train("full");
        Run("export", "data-run", "--out", "x").Fails(2, "There is no adapter to export").InOneLine();
        Assert.False(Directory.Exists(_scratch["x"]));
    }

    [Fact]
    public void Import_Pickle_IsConverted()
    {
        Train("lora");
        Run("export", "data-run", "--out", "peft").Succeeds();
        WritePickle(_scratch["peft/adapter_model.safetensors"], _scratch["peft/adapter_model.bin"]);
        File.Delete(_scratch["peft/adapter_model.safetensors"]);
        Run("import", "peft", "--out", "imported").Succeeds();
        AssertClose(Logits("data-run"), Logits("imported"), 1e-6);
        Run("finetune", "data.csv", "--from", "peft", "--out", "x").Fails(4, "'lowrank import'").InOneLine();
    }

    [Fact]
    public void Import_WhatCannotBe_IsRefused()
    {
        Train("lora");
        Run("export", "data-run", "--out", "peft").Succeeds();
        Run("import", "peft", "--out", "x", "--labels", "a,b,c").Fails(2, "a head of 2 outputs and 3 labels").InOneLine();
        Run("import", "peft", "--out", "x", "--task-kind", "numbers").Fails(2, "a head of 2 outputs").InOneLine();
        Run("import", "peft", "--out", "data-run").Fails(2, "data-run: there is something already").InOneLine();
        Run("import", "model", "--out", "x").Fails(4, "adapter_config.json").InOneLine();
        var unfit = Run("import", "peft", "--model", "mini-t5", "--out", "x").Fails(3, "peft/adapter_model.safetensors: modules_to_save").InOneLine();
        Assert.DoesNotContain(".part", unfit.Error, StringComparison.Ordinal);
        Run("import", "nowhere at all", "--out", "x").Fails(4, "nowhere at all").InOneLine();
        Run("predict", "peft", "--text", "x").Fails(3, "an adapter's folder", "'lowrank import'").InOneLine();
        var config = _scratch["peft/adapter_config.json"];
        var text = File.ReadAllText(config);
        File.WriteAllText(config, text.Replace(_scratch["model"], "gone/model", StringComparison.Ordinal));
        Run("import", "peft", "--out", "x").Fails(4, "gone/model");
        Run("import", "peft", "--out", "y", "--model", "model").Succeeds();
        File.WriteAllText(config, text.Replace($"\"{_scratch["model"]}\"", "null", StringComparison.Ordinal));
        Run("import", "peft", "--out", "x").Fails(2, "name it with --model").InOneLine();
        Run("finetune", "data.csv", "--from", "peft", "--out", "x").Fails(2, "--model is missing").InOneLine();
        Assert.False(Directory.Exists(_scratch["x"]));
    }

    [Fact]
    public void From_ARun_GoesOnWithItsAdapterAndResumes()
    {
        Train("deep-lora");
        string[] more = ["finetune", "data.csv", "--from", "data-run", "--epochs", "3", "--batch-size", "8", "--patience", "0"];
        Run([.. more, "--out", "whole"]).Succeeds();
        var first = JsonNode.Parse(File.ReadLines(_scratch["whole/metrics.jsonl"]).First())!;
        Assert.True(first["loss"]!.GetValue<double>() < 0.6931, first.ToJsonString());
        using (var cut = CliProcess.Start(_scratch.Path, [.. more, "--out", "cut"]))
        {
            while (!File.Exists(_scratch["cut/checkpoint/checkpoint.safetensors"]) && !File.Exists(_scratch["cut/result.json"]))
            {
                Thread.Sleep(5);
            }

            cut.Kill();
            cut.Wait();
        }

        Run("finetune", "--resume", "--out", "cut").Succeeds();
        foreach (var file in Directory.GetFiles(_scratch["whole/adapter"]).Append(_scratch["whole/metrics.jsonl"]))
        {
            var other = file.Replace("/whole/", "/cut/", StringComparison.Ordinal);
            Assert.True(File.ReadAllBytes(file).SequenceEqual(File.ReadAllBytes(other)), file);
        }
    }

    [Fact]
    public void From_WhatContradicts_IsRefused()
    {
        Train("lora");
        string[] more = ["finetune", "data.csv", "--out", "more", "--from"];
        Run([.. more, "data-run", "--rank", "3"]).Fails(2, "--from goes on with the adapter as it is", "rank 4").InOneLine();
        Run([.. more, "data-run", "--adapter", "deep-lora"]).Fails(2, "--from goes on with the adapter as it is").InOneLine();
        Run([.. more, "data-run", "--target-modules", "query"]).Fails(2, "--from goes on with the adapter as it is").InOneLine();
        Run([.. more, "nowhere"]).Fails(4, "nowhere: there is no such folder").InOneLine();
        Run([.. more, "model"]).Fails(4, "adapter_config.json").InOneLine();
        File.WriteAllText(_scratch["three.csv"], TinyModel.Csv(24, 1, "bad", "good", "odd"));
        Run("finetune", "three.csv", "--from", "data-run").Fails(3, "'odd'", "bad, good").InOneLine();
        Run("finetune", "three.csv", "--from", "data-run/adapter").Fails(3, "classifier.weight: got [2, 32]; wanted [3, 32]").InOneLine();
        File.WriteAllText(_scratch["numbers.csv"], TinyModel.NumbersCsv(24));
        Run("finetune", "numbers.csv", "--from", "data-run", "--label-kind", "numbers").Fails(2, "a run on the classes bad, good, but rows of numbers").InOneLine();
        Run([.. more, "data-run", "--rank", "4", "--epochs", "1"]).Succeeds();
        Directory.Delete(_scratch["data-run"], recursive: true);
        Train("full");
        Run([.. more, "data-run"]).Fails(2, "give '--model", "instead").InOneLine();
    }

    [Fact]
    public void Merge_Numbers_PredictNumbers()
    {
        File.WriteAllText(_scratch["numbers.csv"], TinyModel.NumbersCsv(36));
        Run(["finetune", "numbers.csv", .. Quick]).Succeeds();
        Run("merge", "numbers-run", "--out", "merged", "--verify").Succeeds();
        Run("export", "numbers-run", "--out", "peft").Succeeds();
        Run("import", "peft", "--out", "imported").Succeeds();
        AssertClose(Logits("numbers-run"), Logits("merged"), 1e-4);
        AssertClose(Logits("numbers-run"), Logits("imported"), 1e-5);
        Run("evaluate", "merged", "--data", "numbers.csv").Succeeds();
    }

    // As torch.save writes it: one storage for each tensor.
    private static void WritePickle(string from, string to)
    {
        using var file = SafeTensorsFile.Open(from);
        var zip = new TorchZip().Start();
        foreach (var entry in file.Entries)
        {
            long[] shape = [.. entry.Shape];
            long[] strides = [.. shape.Select((_, axis) => shape[(axis + 1)..].Aggregate(1L, (product, length) => product * length))];
            zip.Text(entry.Name).Tensor("FloatStorage", entry.Name, entry.Count, 0, shape, strides)
                .Data(entry.Name, file.Bytes(entry.Name).ToArray());
        }

        zip.End().Save(to);
    }

    private void Train(string adapter)
    {
        string[] rank = adapter is "head-only" or "full" ? [] : ["--rank", "4"];
        Run(["finetune", "data.csv", "--adapter", adapter, .. rank, .. Quick]).Succeeds();
    }

    private double[][] Logits(string model) =>
        [.. Run("predict", model, "--input", "texts.txt", "--logits").Succeeds().Output.TrimEnd().Split('\n')
            .Select(line => JsonNode.Parse(line)!["logits"]!.AsArray().Select(logit => logit!.GetValue<double>()).ToArray())];

    private double Accuracy(string model) =>
        JsonNode.Parse(Run("evaluate", model, "--data", "data.csv", "--json").Succeeds().Output)!["scores"]!["accuracy"]!.GetValue<double>();

    private static void AssertClose(double[][] one, double[][] other, double tolerance) =>
        Assert.All(one.Zip(other), rows => Assert.All(rows.First.Zip(rows.Second), pair => Assert.Equal(pair.First, pair.Second, tolerance)));

    private CliResult Run(params string[] args) => CliProcess.In(_scratch.Path, "", args);
}
