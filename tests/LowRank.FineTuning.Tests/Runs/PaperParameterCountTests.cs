using LowRank.Adapters;
using LowRank.Transformers.Bert;

namespace LowRank.FineTuning.Tests.Runs;

/// <summary>
/// The trainable parameters of the paper's BERT-base-cased runs, by choice of layers and kind of adapter.
/// </summary>
public sealed class PaperParameterCountTests
{
    private const string AttentionMlp = "query,key,value,output.dense,intermediate.dense";

    [Theory]
    [InlineData(768, "all-dense", 74, 1_577_504, 1_582_240, 1_591_712, 195_087_360)]
    [InlineData(512, "all-dense", 75, 1_587_744, 1_592_544, 1_602_144, 196_004_864)]
    [InlineData(1, AttentionMlp, 72, 1_327_104, 1_331_712, 1_340_928, 169_869_312)]
    [InlineData(1, "query,value", 24, 294_912, 296_448, 299_520, 42_467_328)]
    public void CountParameters_OfBertBase_AreThePapers(
        int minimumSize, string targets, int layers, long lora, long narrow, long compressed, long wide)
    {
        // Weights of zeros: the memory is never touched.
        using var model = new BertForSequenceClassification(new BertConfig { VocabularySize = 28996 });
        var chosen = (TargetSelector.Parse(targets) with { MinimumSize = minimumSize }).Select(model, model.HeadLayers);
        long Count(AdapterOptions options) => chosen.Sum(options.CountParameters);
        Assert.Equal(layers, chosen.Count);
        Assert.Equal(lora, Count(new LoraOptions()));
        Assert.Equal(narrow, Count(new DeepLoraOptions { Form = DeepLoraForm.Narrow }));
        Assert.Equal(compressed, Count(new DeepLoraOptions()));
        Assert.Equal(wide, Count(new DeepLoraOptions { Form = DeepLoraForm.Wide }));
    }
}
