using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Transformers.Tests.Encoders;

public sealed class BertForMaskedLMTests : IDisposable
{
    private static readonly BertConfig Config = new()
    {
        VocabularySize = 11,
        HiddenSize = 8,
        LayerCount = 1,
        HeadCount = 2,
        IntermediateSize = 12,
        PositionCount = 10,
        InitializerRange = 0.3,
        HiddenDropout = 0,
        AttentionDropout = 0,
    };

    private readonly ScratchFolder _scratch = new();
    private readonly BertForMaskedLM _model = new(Config);

    public BertForMaskedLMTests()
    {
        _model.Initialize(Seed.From(3));
        _model.eval();
    }

    public void Dispose()
    {
        _model.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void Parameters_OfTheHead_HaveHuggingFaceNamesAndNoSecondTable() => Assert.Equal(
        [
            "cls.predictions.bias", "cls.predictions.transform.LayerNorm.bias", "cls.predictions.transform.LayerNorm.weight",
            "cls.predictions.transform.dense.bias", "cls.predictions.transform.dense.weight",
        ],
        _model.named_parameters().Select(entry => entry.name).Where(name => name.StartsWith("cls.", StringComparison.Ordinal)).Order());

    [Fact]
    public void Forward_AtSomePlaces_IsTheFormulaOfBert()
    {
        using var scope = torch.NewDisposeScope();
        using var batch = TokenBatch.Create([[1, 2, 3], [4, 5]]);
        var weights = _model.named_parameters().ToDictionary(entry => entry.name, entry => (torch.Tensor)entry.parameter);
        var hidden = _model.Encoder.call(batch)[torch.tensor(new long[] { 1, 4 })];
        var dense = hidden.mm(weights["cls.predictions.transform.dense.weight"].t()) + weights["cls.predictions.transform.dense.bias"];
        var curve = dense * 0.5 * (1 + torch.special.erf(dense / Math.Sqrt(2)));
        var centred = curve - curve.mean([1], keepdim: true);
        var normed = centred / (centred.square().mean([1], keepdim: true) + Config.LayerNormEpsilon).sqrt();
        var wanted = normed.mm(weights["bert.embeddings.word_embeddings.weight"].t()) + weights["cls.predictions.bias"];
        var got = _model.call(batch, torch.tensor(new long[] { 1, 4 }));
        Assert.Equal([2L, 11L], got.shape);
        Assert.True(torch.allclose(wanted, got, atol: 1e-5));
    }

    [Fact]
    public void Backward_TiedTable_LearnsFromBothItsUses()
    {
        using var scope = torch.NewDisposeScope();
        using var batch = TokenBatch.Create([[1, 2, 3]]);
        _model.call(batch, torch.tensor(new long[] { 1 })).sum().backward();
        var gradient = _model.named_parameters().Single(entry => entry.name == "bert.embeddings.word_embeddings.weight")
            .parameter.grad!.abs().sum([1]).data<float>().ToArray();
        Assert.All(gradient, value => Assert.True(value > 0)); // all outputs, not only the three inputs
    }

    [Fact]
    public void Forward_Call_LeavesNoTensors()
    {
        using var batch = TokenBatch.Create([[1, 2, 3]]);
        using var places = torch.tensor(new long[] { 1 });
        LeakGate.Closed(() => _model.call(batch, places).Dispose());
    }

    [Fact]
    public void WriteConfig_WholeRates_KeepTheDecimalPointThatTransformersAsksFor()
    {
        BertFolder.WriteConfig(_scratch.Path, _model);
        var text = File.ReadAllText(Path.Combine(_scratch.Path, "config.json"));
        Assert.Contains("\"hidden_dropout_prob\": 0.0,", text, StringComparison.Ordinal);
        Assert.Contains("\"layer_norm_eps\": 1E-12,", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TensorDtype.F32, 1e-6)]
    [InlineData(TensorDtype.F16, 2e-3)]
    public void WriteWeights_ReadAgain_GiveTheSameScores(TensorDtype dtype, double tolerance)
    {
        BertFolder.WriteConfig(_scratch.Path, _model);
        BertFolder.WriteWeights(_scratch.Path, _model, dtype);
        using var scope = torch.NewDisposeScope();
        var (again, report) = Pretrained.MaskedLM(_scratch.Path, Seed.From(9));
        using (again)
        {
            Assert.Empty(report.NewlyInitialised);
            Assert.Equal(Config, again.Config with { Labels = Config.Labels });
            using var batch = TokenBatch.Create([[1, 2, 3]]);
            var places = torch.tensor(new long[] { 0, 2 });
            Assert.True(torch.allclose(_model.call(batch, places), again.call(batch, places), 0, tolerance));
        }
    }

    [Fact]
    public void MaskedLM_OriginalBertFile_UsesCopiesAndLeavesOtherHeadsOut()
    {
        BertFolder.WriteConfig(_scratch.Path, _model);
        BertFolder.WriteWeights(_scratch.Path, _model);
        using (var weights = TensorMap.Load(_scratch["model.safetensors"]))
        {
            weights.Add("cls.predictions.decoder.weight", weights["bert.embeddings.word_embeddings.weight"].clone());
            weights.Add("cls.predictions.decoder.bias", weights["cls.predictions.bias"].clone());
            weights.Add("cls.seq_relationship.weight", torch.zeros(2, 8));
            weights.Add("bert.pooler.dense.weight", torch.zeros(8, 8));
            weights.Save(_scratch["model.safetensors"]);
        }

        var (model, report) = Pretrained.MaskedLM(_scratch.Path, Seed.From(9));
        model.Dispose();
        Assert.Equal(["bert.pooler.dense.weight", "cls.seq_relationship.weight"], report.Ignored.Order());
    }

    [Fact]
    public void MaskedLM_EncoderAlone_DrawsTheHead()
    {
        BertFolder.WriteConfig(_scratch.Path, _model);
        BertFolder.WriteWeights(_scratch.Path, _model);
        using (var weights = TensorMap.Load(_scratch["model.safetensors"]))
        {
            foreach (var name in weights.Names.Where(name => name.StartsWith("cls.", StringComparison.Ordinal)).ToList())
            {
                weights.Take(name).Dispose();
            }

            weights.Save(_scratch["model.safetensors"]);
        }

        var (model, report) = Pretrained.MaskedLM(_scratch.Path, Seed.From(9));
        model.Dispose();
        Assert.Equal(5, report.NewlyInitialised.Count);
    }

    [Fact]
    public void ScorePairs_ModelWithTheHead_ReadsThePooledFirstToken()
    {
        using var scope = torch.NewDisposeScope();
        using var model = new BertForMaskedLM(Config, pairs: true);
        model.Initialize(Seed.From(3));
        model.eval();
        using var batch = TokenBatch.Create([[1, 2, 3], [4, 5]]);
        var places = torch.tensor(new long[] { 1 });
        var weights = model.named_parameters().ToDictionary(entry => entry.name, entry => (torch.Tensor)entry.parameter);
        var first = model.Encoder.FirstTokens(batch);
        var pooled = (first.mm(weights["bert.pooler.dense.weight"].t()) + weights["bert.pooler.dense.bias"]).tanh();
        var wanted = pooled.mm(weights["cls.seq_relationship.weight"].t()) + weights["cls.seq_relationship.bias"];
        var (words, pairs) = model.ScorePairs(batch, places);
        Assert.True(torch.allclose(wanted, pairs, atol: 1e-5));
        Assert.True(torch.allclose(model.call(batch, places), words));
        Assert.Throws<InvalidOperationException>(() => _model.ScorePairs(batch, places));
    }

    [Fact]
    public void InitializeNearby_Attention_LooksAtLikesAndNeighbours()
    {
        using var scope = torch.NewDisposeScope();
        using var model = new BertForMaskedLM(Config with { HiddenSize = 64, HeadCount = 1, PositionCount = 40 });
        model.InitializeNearby(Seed.From(3));
        var weights = model.named_parameters().ToDictionary(entry => entry.name, entry => (torch.Tensor)entry.parameter);
        var query = weights["bert.encoder.layer.0.attention.self.query.weight"];
        Assert.True(query.eq(weights["bert.encoder.layer.0.attention.self.key.weight"]).all().item<bool>());
        var positions = weights["bert.embeddings.position_embeddings.weight"];
        var likeness = positions.mm(positions.t())[20].data<float>().ToArray();
        Assert.True(likeness[20] > likeness[21] && likeness[21] > likeness[22] && likeness[22] > likeness[39]);
        Assert.Equal(likeness[19], likeness[21], 1e-4);
    }
}
