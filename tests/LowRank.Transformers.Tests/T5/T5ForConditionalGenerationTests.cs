using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Tests.Encoders;
using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Transformers.Tests.T5;

public sealed class T5ForConditionalGenerationTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public static TheoryData<string> Models => [.. GoldenT5.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_GoldenCheckpoint_GivesTheReferenceLogitsAndLoss(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenT5.Open(name);
        SequenceClassifierTests.AssertClose(golden.Logits(), golden.Model.call(golden.Batch()), 1e-4);
        Assert.Equal(golden.Loss, golden.Model.Loss(golden.Batch()).item<float>(), 1e-4 * golden.Loss);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Encode_GoldenCheckpoint_GivesTheReferenceStates(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenT5.Open(name);
        var states = golden.Model.Encode(golden.Batch().Source);
        SequenceClassifierTests.AssertClose(golden.EncoderStates(), states, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Loss_GoldenCheckpoint_GivesTheReferenceGradientNorms(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenT5.Open(name);
        golden.Model.Loss(golden.Batch()).backward();
        var parameters = golden.Model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var (parameter, norm) in golden.GradientNorms)
        {
            Assert.Equal(norm, parameters[parameter].grad!.norm().item<float>(), 1e-2 * norm);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Loss_InFloat64_TakesThePaddedPathToTheSameGradients(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenT5.Open(name);
        golden.Model.Loss(golden.Batch()).backward();
        var packed = golden.Model.named_parameters()
            .ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone());
        golden.Model.zero_grad();
        _ = golden.Model.to(torch.ScalarType.Float64);
        var loss = golden.Model.Loss(golden.Batch());
        loss.backward();
        Assert.Equal(torch.ScalarType.Float64, loss.dtype);
        foreach (var (parameter, gradient) in golden.Model.named_parameters().Select(e => (e.name, e.parameter.grad!)))
        {
            var wanted = gradient.to(torch.float32);
            Assert.True(torch.allclose(wanted, packed[parameter], 1e-3, 1e-5), parameter);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Call_OneRowAtATime_GivesTheSameLogits(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenT5.Open(name);
        var wanted = golden.Logits();
        var from = 0;
        for (var row = 0; row < golden.Sources.Length; row++)
        {
            var alone = SourceTargetBatch.Create([golden.Sources[row]], [golden.Targets[row]], 0);
            var to = from + golden.Targets[row].Length;
            SequenceClassifierTests.AssertClose(wanted[from..to], golden.Model.call(alone), 1e-4);
            from = to;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Decode_TokenByTokenWithCache_GivesTheSameLogits(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var frozen = torch.no_grad();
        using var golden = GoldenT5.Open(name);
        var source = TokenBatch.Create(golden.Sources);
        using var encoded = new EncodedTexts(golden.Model.Encode(source), source.Layout, keeps: true);
        using var cache = new DecoderCache(golden.Model.Config.DecoderLayerCount, golden.Sources.Length);
        int[][] texts = [.. Enumerable.Range(0, 3).Select(row => Letters(row, 40))];
        var whole = golden.Model.Logits(golden.Model.Decode(TokenBatch.Create(texts), encoded)).view(3, 40, -1);
        for (var i = 0; i < 40; i++)
        {
            var step = TokenBatch.Create([.. texts.Select(text => new[] { text[i] })]);
            var logits = golden.Model.Logits(golden.Model.Decode(step, encoded, cache));
            Assert.True(torch.allclose(whole[torch.TensorIndex.Colon, i], logits, 1e-4, 1e-4), $"token {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Loss_TrainingStep_LeavesNoTensorBehind(string name)
    {
        using var golden = GoldenT5.Open(name);
        golden.Model.train();
        Step(golden); // The first step makes the gradients, which stay.
        LeakGate.Closed(() => Step(golden));
    }

    [Fact]
    public void Loss_TrainingWithDropout_IsAPureFunctionOfTheSeed()
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenT5.Open("t5-relu");
        golden.Model.train();
        float Loss(int seed) => golden.Model.Loss(golden.Batch(Seed.From(seed))).item<float>();
        Assert.Equal(Loss(1), Loss(1));
        Assert.NotEqual(Loss(1), Loss(2), 1e-3f);
    }

    [Fact]
    public void Loss_TrainingWithoutSeed_Throws()
    {
        using var golden = GoldenT5.Open("t5-relu");
        golden.Model.train();
        using var batch = golden.Batch();
        var fault = Assert.Throws<InvalidOperationException>(() => golden.Model.Loss(batch));
        Assert.Contains("dropout seed", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loss_LabelSmoothing_MixesInTheMeanOverAllIds()
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenT5.Open("t5-relu");
        var uniform = -golden.Model.call(golden.Batch()).log_softmax(-1).mean().item<float>();
        var wanted = (0.9 * golden.Loss) + (0.1 * uniform);
        Assert.Equal(wanted, golden.Model.Loss(golden.Batch(), 0.1).item<float>(), 1e-3);
    }

    [Fact]
    public void Call_IdBeyondTheTable_SaysSo()
    {
        using var golden = GoldenT5.Open("t5-relu");
        using var source = SourceTargetBatch.Create([[100]], [[1]], 0);
        using var label = SourceTargetBatch.Create([[1]], [[100]], 0);
        foreach (var batch in new[] { source, label })
        {
            var fault = Assert.Throws<ArgumentException>(() => golden.Model.Loss(batch));
            Assert.Contains("token id 100; wanted ids below 100", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void ForwardHooks_SeeEveryLinearAndEmbedding(string name)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenT5.Open(name);
        HashSet<string> seen = [];
        foreach (var (path, layer) in golden.Model.named_modules())
        {
            _ = layer switch
            {
                DenseLayer linear => linear.register_forward_hook((_, _, output) =>
                {
                    seen.Add(path);
                    return output;
                }),
                Embedding table => (object)table.register_forward_hook((_, _, output) =>
                {
                    seen.Add(path);
                    return output;
                }),
                _ => null!,
            };
        }

        _ = golden.Model.call(golden.Batch());
        var expected = golden.Model.named_modules()
            .Where(entry => entry.module is DenseLayer or Embedding)
            .Select(entry => entry.name);
        Assert.Equal(expected.Order(), seen.Order());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void NamedParameters_AreTheCheckpoints(string name)
    {
        using var golden = GoldenT5.Open(name);
        using var weights = TensorMap.Load(Path.Combine(GoldenModel.Folder(name), "model.safetensors"));
        Assert.Equal(weights.Names.Order(), golden.Model.named_parameters().Select(entry => entry.name).Order());
    }

    [Fact]
    public void SequenceToSequence_FourCopiesOfTheTable_LoadsThemAsOne()
    {
        using var golden = GoldenT5.Open("t5-relu");
        Save("t5-relu", weights =>
        {
            foreach (var copy in new[] { "encoder.embed_tokens", "decoder.embed_tokens", "lm_head" })
            {
                weights.Add($"{copy}.weight", weights["shared.weight"].clone());
            }
        });
        AssertSameLogits(golden, 1e-4);
    }

    [Fact]
    public void SequenceToSequence_BFloat16Weights_AreConverted()
    {
        using var golden = GoldenT5.Open("t5-relu");
        Save("t5-relu", weights => { }, torch.bfloat16);
        var report = AssertSameLogits(golden, 0.02);
        Assert.Equal(report.Loaded, report.Converted.Count);
    }

    [Fact]
    public void SequenceToSequence_UntiedHeadMissing_IsNamed()
    {
        Save("t5-v1_1-gated-gelu", weights => { }, without: "lm_head.weight");
        var fault = Assert.Throws<InvalidDataException>(() => Pretrained.SequenceToSequence(_folder.Path));
        Assert.Contains("missing (1):\n    'lm_head.weight'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SequenceToSequence_TiedHeadWithOtherNumbers_PointsAtTheConfiguration()
    {
        Save("t5-relu", weights => weights.Add("lm_head.weight", torch.ones(100, 48)));
        var fault = Assert.Throws<InvalidDataException>(() => Pretrained.SequenceToSequence(_folder.Path));
        Assert.Contains("tie_word_embeddings", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Initialize_SameSeed_GivesTheSameModelOfTheReferencesSpread()
    {
        using var scope = torch.NewDisposeScope();
        using var one = GoldenT5.Open("t5-v1_1-gated-gelu");
        using var two = GoldenT5.Open("t5-v1_1-gated-gelu");
        one.Model.Initialize(Seed.From(3));
        two.Model.Initialize(Seed.From(3));
        Assert.True(one.Model.call(one.Batch()).equal(two.Model.call(two.Batch())).all().item<bool>());
        double Deviation(string name) => one.Model.get_parameter(name)!.std().item<float>();
        Assert.Equal(1, Deviation("shared.weight"), 0.05);
        Assert.Equal(Math.Pow(48 * 16, -0.5), Deviation("encoder.block.0.layer.0.SelfAttention.q.weight"), 0.003);
        Assert.Equal(Math.Pow(96, -0.5), Deviation("encoder.block.0.layer.1.DenseReluDense.wo.weight"), 0.01);
    }

    private static int[] Letters(int row, int count) =>
        [.. Enumerable.Range(0, count).Select(i => ((7 * i) + row) % 99)];

    private static void Step(GoldenT5 golden)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = golden.Batch(Seed.From(7));
        golden.Model.Loss(batch).backward();
    }

    private void Save(
        string name, Action<TensorMap> edit, torch.ScalarType dtype = torch.ScalarType.Float32, string? without = null)
    {
        File.Copy(Path.Combine(GoldenModel.Folder(name), "config.json"), _folder["config.json"]);
        using var weights = TensorMap.Load(Path.Combine(GoldenModel.Folder(name), "model.safetensors"));
        using var edited = new TensorMap();
        foreach (var (tensorName, tensor) in weights.Where(entry => entry.Key != without))
        {
            edited.Add(tensorName, tensor.to_type(dtype).clone());
        }

        edit(edited);
        edited.Save(_folder["model.safetensors"]);
    }

    private Transformers.Weights.LoadReport AssertSameLogits(GoldenT5 golden, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        var (model, report) = Pretrained.SequenceToSequence(_folder.Path);
        using var loaded = model;
        SequenceClassifierTests.AssertClose(golden.Logits(), loaded.call(golden.Batch()), tolerance);
        return report;
    }
}
