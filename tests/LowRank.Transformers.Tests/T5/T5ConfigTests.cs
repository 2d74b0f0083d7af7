using System.Text.Json.Nodes;
using LowRank.Testing;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tests.Encoders;

namespace LowRank.Transformers.Tests.T5;

public sealed class T5ConfigTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_FileOfT5_GivesItsValues()
    {
        var config = T5Config.Read(GoldenModel.Folder("t5-relu"));
        Assert.Equal(
            new T5Config
            {
                VocabularySize = 100,
                HiddenSize = 48,
                HeadWidth = 8,
                HeadCount = 4,
                IntermediateSize = 96,
                EncoderLayerCount = 2,
                DecoderLayerCount = 2,
                BucketCount = 8,
            },
            config);
    }

    [Fact]
    public void Read_FileOfT511_IsGatedAndUntied()
    {
        var config = T5Config.Read(GoldenModel.Folder("t5-v1_1-gated-gelu"));
        Assert.Equal((true, Activation.GeluTanh, false), (config.IsGated, config.Activation, config.IsHeadTied));
        Assert.Equal((2, 3), (config.EncoderLayerCount, config.DecoderLayerCount));
    }

    [Fact]
    public void WriteConfig_WholeNumbers_KeepTheDecimalPointThatTransformersAsksFor()
    {
        using var model = new T5ForConditionalGeneration(T5Config.Read(GoldenModel.Folder("t5-relu")) with { DropoutRate = 0 });
        T5Folder.WriteConfig(_folder.Path, model);
        var text = File.ReadAllText(Path.Combine(_folder.Path, "config.json"));
        Assert.Contains("\"initializer_factor\": 1.0,", text, StringComparison.Ordinal);
        Assert.Contains("\"dropout_rate\": 0.0,", text, StringComparison.Ordinal);
        Assert.Equal(model.Config, T5Config.Read(_folder.Path));
    }

    [Fact]
    public void Read_FileWithTheLeast_FallsBackOnT5()
    {
        var config = T5Config.Read(Edited(json =>
        {
            json.Remove("tie_word_embeddings");
            json.Remove("feed_forward_proj");
            json.Remove("num_decoder_layers");
            json.Remove("decoder_start_token_id");
        }));
        Assert.Equal((true, false), (config.IsHeadTied, config.IsGated));
        Assert.Equal((2, 0), (config.DecoderLayerCount, config.StartTokenId));
    }

    [Fact]
    public void Read_FileOfMt5_FallsBackOnT511()
    {
        var config = T5Config.Read(Edited(json =>
        {
            json["model_type"] = "mt5";
            json.Remove("tie_word_embeddings");
            json.Remove("feed_forward_proj");
        }));
        Assert.Equal((false, true, Activation.GeluTanh), (config.IsHeadTied, config.IsGated, config.Activation));
    }

    [Theory]
    [InlineData("model_type", "\"bert\"", "'model_type': got \"bert\"; wanted \"t5\" or \"mt5\"")]
    [InlineData("d_model", null, "'d_model': got nothing; wanted a whole number of at least 1")]
    [InlineData("feed_forward_proj", "\"gated-tanh\"", "'feed_forward_proj': got \"gated-tanh\"; wanted one of gelu, ")]
    [InlineData("tie_word_embeddings", "1", "'tie_word_embeddings': got 1; wanted true or false")]
    [InlineData("relative_attention_num_buckets", "7", "got 7; wanted an even number")]
    [InlineData("relative_attention_max_distance", "4", "got 4; wanted more than half the buckets, 4")]
    [InlineData("eos_token_id", "100", "'eos_token_id': got 100; wanted an id below 'vocab_size', 100")]
    public void Read_WrongValue_SaysWhatAndWhere(string key, string? value, string wanted)
    {
        var path = Edited(json => json[key] = value is null ? null : JsonNode.Parse(value));
        var fault = Assert.Throws<InvalidDataException>(() => T5Config.Read(path));
        Assert.StartsWith(path, fault.Message, StringComparison.Ordinal);
        Assert.Contains(wanted, fault.Message, StringComparison.Ordinal);
    }

    private string Edited(Action<JsonObject> edit)
    {
        var golden = Path.Combine(GoldenModel.Folder("t5-relu"), "config.json");
        var json = JsonNode.Parse(File.ReadAllText(golden))!.AsObject();
        edit(json);
        File.WriteAllText(_folder["config.json"], json.ToJsonString());
        return _folder["config.json"];
    }
}
