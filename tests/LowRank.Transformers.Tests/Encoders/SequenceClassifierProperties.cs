using CsCheck;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.DistilBert;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Roberta;
using TorchSharp;

namespace LowRank.Transformers.Tests.Encoders;

public sealed class SequenceClassifierProperties
{
    private static readonly Gen<int[][]> Texts = Gen.Int[0, 49].Array[1, 12].Array[1, 5];

    [Fact]
    public void Call_RowsInAnotherOrder_GivesTheLogitsInThatOrder() => Each(model =>
        Gen.Select(Texts, Gen.Int[0, 1000]).Sample(
            (texts, seed) =>
            {
                using var scope = torch.NewDisposeScope();
                var order = Enumerable.Range(0, texts.Length).ToArray();
                Seed.From(seed).Random().Shuffle(order);
                var straight = model.call(TokenBatch.Create(texts));
                var shuffled = model.call(TokenBatch.Create([.. order.Select(i => texts[i])]));
                var wanted = straight.index_select(0, torch.tensor(Array.ConvertAll(order, i => (long)i)));
                Assert.True(torch.allclose(wanted, shuffled, 1e-4, 1e-5));
            },
            iter: 15,
            threads: 1));

    [Fact]
    public void Call_CompanyOfOtherRows_ChangesNothing() => Each(model =>
        Texts.Sample(
            texts =>
            {
                using var scope = torch.NewDisposeScope();
                var together = model.call(TokenBatch.Create(texts));
                var alone = torch.cat([.. texts.Select(text => model.call(TokenBatch.Create([text])))], 0);
                Assert.True(torch.allclose(alone, together, 1e-4, 1e-5));
            },
            iter: 15,
            threads: 1));

    [Fact]
    public void FirstTokens_EqualTheFirstRowsOfAllTokens_WithTheirGradients() => Each(model =>
        Texts.Sample(
            texts =>
            {
                using var scope = torch.NewDisposeScope();
                var batch = TokenBatch.Create(texts);
                var few = Gradients(model, () => model.Encoder.FirstTokens(batch));
                var all = Gradients(model, () => model.Encoder.call(batch).index_select(0, batch.FirstTokens));
                Assert.All(all.Keys, name => Assert.True(torch.allclose(all[name], few[name], 1e-3, 1e-5), name));
            },
            iter: 10,
            threads: 1));

    private static void Each(Action<SequenceClassifier> test)
    {
        SequenceClassifier[] models =
        [
            new BertForSequenceClassification(Small(new BertConfig())),
            new RobertaForSequenceClassification(Small(new RobertaConfig())),
            new DistilBertForSequenceClassification(Small(new DistilBertConfig())),
        ];
        foreach (var model in models)
        {
            model.Initialize(Seed.From(5));
            model.eval();
            test(model);
            model.Dispose();
        }
    }

    private static T Small<T>(T config)
        where T : EncoderConfig => config with
        {
            VocabularySize = 50,
            HiddenSize = 20,
            HeadCount = 2,
            LayerCount = 2,
            IntermediateSize = 24,
            InitializerRange = 0.3,
            Labels = ["a", "b", "c"],
        };

    private static Dictionary<string, torch.Tensor> Gradients(SequenceClassifier model, Func<torch.Tensor> hidden)
    {
        model.zero_grad();
        hidden().sin().sum().backward();
        return model.Encoder.named_parameters()
            .Where(entry => entry.parameter.grad is not null)
            .ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone());
    }
}
