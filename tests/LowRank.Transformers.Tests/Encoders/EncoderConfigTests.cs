using System.Text.Json.Nodes;
using LowRank.Testing;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.DistilBert;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Roberta;

namespace LowRank.Transformers.Tests.Encoders;

public sealed class EncoderConfigTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_BertFile_GivesItsValues()
    {
        var config = BertConfig.Read(GoldenModel.Folder("bert-3way"));
        Assert.Equal((120, 48, 2, 4, 96), Shape(config));
        Assert.Equal((40, 2, 0, 40), (config.PositionCount, config.TypeCount, config.FirstPosition, config.LongestRow));
        Assert.Equal((0.1, 0.1, 0.1), (config.HiddenDropout, config.AttentionDropout, config.HeadDropout));
        Assert.Equal(1e-12, config.LayerNormEpsilon);
        Assert.Equal(["LABEL_0", "LABEL_1", "LABEL_2"], config.Labels);
        Assert.Equal(Activation.Gelu, config.Activation);
    }

    [Fact]
    public void Read_RobertaFile_BeginsPositionsAfterThePadding()
    {
        var config = RobertaConfig.Read(GoldenModel.Folder("roberta-2way"));
        Assert.Equal((42, 2, 40), (config.PositionCount, config.FirstPosition, config.LongestRow));
        Assert.Equal(1e-5, config.LayerNormEpsilon);
    }

    [Fact]
    public void Read_DistilBertFile_HasNoTypes()
    {
        var config = DistilBertConfig.Read(Path.Combine(GoldenModel.Folder("distilbert-2way"), "config.json"));
        Assert.Equal((120, 48, 2, 4, 96), Shape(config));
        Assert.Equal((0, 0.2), (config.TypeCount, config.HeadDropout));
    }

    [Fact]
    public void Defaults_AreTheBaseModels()
    {
        Assert.Equal((30522, 768, 12, 12, 3072), Shape(new BertConfig()));
        Assert.Equal((50265, 768, 12, 12, 3072), Shape(new RobertaConfig()));
        Assert.Equal((30522, 768, 6, 12, 3072), Shape(new DistilBertConfig()));
        Assert.Equal(512, new RobertaConfig().LongestRow);
    }

    [Fact]
    public void Read_FileOf2018_NeedsNoModelType()
    {
        var path = Bert(
            json => json.Remove("model_type"), json => json.Remove("layer_norm_eps"), json => json.Remove("id2label"));
        Assert.Equal(["LABEL_0", "LABEL_1"], BertConfig.Read(path).Labels);
        Assert.Equal(1e-12, BertConfig.Read(path).LayerNormEpsilon);
    }

    [Theory]
    [InlineData("gelu", Activation.Gelu)]
    [InlineData("gelu_new", Activation.GeluTanh)]
    [InlineData("relu", Activation.Relu)]
    [InlineData("silu", Activation.Silu)]
    public void Read_Activation_IsFoundByName(string name, Activation wanted) =>
        Assert.Equal(wanted, BertConfig.Read(Bert(json => json["hidden_act"] = name)).Activation);

    [Fact]
    public void Read_ClassifierDropout_WinsOverHiddenDropout() =>
        Assert.Equal(0.4, BertConfig.Read(Bert(json => json["classifier_dropout"] = 0.4)).HeadDropout);

    [Theory]
    [InlineData("model_type", "\"gpt2\"", "'model_type': got \"gpt2\"; wanted \"bert\"")]
    [InlineData("hidden_size", null, "'hidden_size': got nothing; wanted a whole number of at least 1")]
    [InlineData("hidden_size", "50", "'hidden_size': got 50; wanted a multiple of 'num_attention_heads', 4")]
    [InlineData("hidden_size", "-1", "'hidden_size': got -1; wanted a whole number of at least 1")]
    [InlineData("num_hidden_layers", "\"two\"", "'num_hidden_layers': got \"two\"; wanted a whole number")]
    [InlineData("hidden_act", "\"swiglu\"", "'hidden_act': got \"swiglu\"; wanted one of gelu, ")]
    [InlineData("hidden_dropout_prob", "1.5", "'hidden_dropout_prob': got 1.5; wanted a number from 0 to 0.999")]
    [InlineData("position_embedding_type", "\"relative_key\"", "wanted absolute, the only kind that is supported")]
    [InlineData("is_decoder", "true", "'is_decoder': got true; wanted false")]
    [InlineData("id2label", "{\"0\":\"a\",\"2\":\"b\"}", "'id2label': got")]
    [InlineData("id2label", "[]", "'id2label': got []; wanted an object")]
    public void Read_WrongValue_SaysWhatAndWhere(string key, string? value, string wanted)
    {
        var path = Bert(json => json[key] = value is null ? null : JsonNode.Parse(value));
        var fault = Assert.Throws<InvalidDataException>(() => BertConfig.Read(path));
        Assert.StartsWith(path, fault.Message, StringComparison.Ordinal);
        Assert.Contains(wanted, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OtherFamily_IsRefused()
    {
        var fault = Assert.Throws<InvalidDataException>(() => RobertaConfig.Read(GoldenModel.Folder("bert-3way")));
        Assert.Contains("got \"bert\"; wanted \"roberta\"", fault.Message, StringComparison.Ordinal);
        fault = Assert.Throws<InvalidDataException>(() => DistilBertConfig.Read(GoldenModel.Folder("bert-3way")));
        Assert.Contains("got \"bert\"; wanted \"distilbert\"", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoFile_SaysWhatIsWanted()
    {
        var fault = Assert.Throws<FileNotFoundException>(() => BertConfig.Read(_folder.Path));
        Assert.Contains("config.json: not found", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"hidden_size\": ")]
    [InlineData("[1]")]
    [InlineData("")]
    public void Read_BrokenFile_IsRefused(string text)
    {
        var path = Path.Combine(_folder.Path, "config.json");
        File.WriteAllText(path, text);
        Assert.Throws<InvalidDataException>(() => BertConfig.Read(path));
    }

    private static (int Vocabulary, int Hidden, int Layers, int Heads, int Intermediate) Shape(EncoderConfig config) =>
        (config.VocabularySize, config.HiddenSize, config.LayerCount, config.HeadCount, config.IntermediateSize);

    private string Bert(params Action<JsonObject>[] edits)
    {
        var golden = Path.Combine(GoldenModel.Folder("bert-3way"), "config.json");
        var json = JsonNode.Parse(File.ReadAllText(golden))!.AsObject();
        foreach (var edit in edits)
        {
            edit(json);
        }

        var path = Path.Combine(_folder.Path, "config.json");
        File.WriteAllText(path, json.ToJsonString());
        return path;
    }
}
