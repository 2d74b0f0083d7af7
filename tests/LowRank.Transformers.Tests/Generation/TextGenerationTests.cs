using System.Text.Json.Nodes;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Generation;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tests.Encoders;
using LowRank.Transformers.Tests.T5;
using LowRank.Transformers.Tests.Tokenization;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.Transformers.Tests.Generation;

public sealed class TextGenerationTests : IDisposable
{
    private static readonly GenerationOptions Eleven = new() { MaximumLength = 11 };

    private readonly ScratchFolder _folder = new();
    private readonly int _threads = torch.get_num_threads();

    // A tiny model's steps are so short that threads spend them waiting for one another.
    public TextGenerationTests() => torch.set_num_threads(1);

    public static TheoryData<string> Models => [.. GoldenT5.Names];

    /// <summary>Every way to write, on a model that ends its texts now and then.</summary>
    public static TheoryData<int, double, bool, bool> Ways => new()
    {
        { 1, 1, false, false },
        { 1, 1, false, true },
        { 3, 1, false, false },
        { 4, 0.6, true, false },
        { 4, -1, false, false },
        { 5, 2, true, false },
    };

    public void Dispose()
    {
        torch.set_num_threads(_threads);
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void GenerateIds_Greedy_IsTheReferences(string name)
    {
        using var golden = GoldenT5.Open(name);
        var texts = Ids(Generation(golden.Model), golden.Sources, Eleven);
        Assert.Equal(golden.Generated("generate_greedy_max_length_12"), WithStart(texts));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void GenerateIds_FourBeams_AreTheReferences(string name)
    {
        using var golden = GoldenT5.Open(name);
        var generation = Generation(golden.Model);
        Assert.Equal(
            golden.Generated("generate_beam4_max_length_12"),
            WithStart(Ids(generation, golden.Sources, Eleven with { Beams = 4 })));
        Assert.Equal(
            golden.Generated("generate_beam4_length_penalty_0.6_early_stopping"),
            WithStart(Ids(
                generation, golden.Sources, Eleven with { Beams = 4, LengthPenalty = 0.6, StopsEarly = true })));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void GenerateIds_WithoutCacheOrInOtherBatches_AreTheSame(
        int beams, double penalty, bool stopsEarly, bool samples)
    {
        using var model = Ending();
        var generation = Generation(model);
        var sources = Sources(12);
        var options = new GenerationOptions
        {
            MaximumLength = 20,
            Beams = beams,
            LengthPenalty = penalty,
            StopsEarly = stopsEarly,
            Samples = samples,
        };
        var texts = Ids(generation, sources, options);

        Assert.Equal(texts, Ids(generation, sources, options with { UsesCache = false }));
        Assert.Equal(texts, Ids(generation, sources, options with { BatchSize = 1 }));
        Assert.Equal(texts, Ids(generation, sources, options with { BatchSize = 5 }));
        var lengths = texts.Select(text => text.Length).Distinct().ToArray();
        Assert.True(lengths.Length > 1, $"lengths {string.Join(", ", lengths)}; wanted several");
        Assert.All(texts, text => Assert.DoesNotContain(model.Config.EndTokenId, text[..^1]));
        Assert.All(texts, text => Assert.True(text.Length == 20 || text[^1] == model.Config.EndTokenId));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void GenerateIds_AsManyBeamsAsIds_FindTheBestOfAllShortTexts(double penalty)
    {
        using var model = Ending();
        var end = model.Config.EndTokenId;
        var sources = Sources(2);
        var options = new GenerationOptions { MaximumLength = 2, Beams = 100, LengthPenalty = penalty };
        var texts = Ids(Generation(model), sources, options);
        for (var i = 0; i < sources.Length; i++)
        {
            using var scope = torch.NewDisposeScope();
            using var frozen = torch.no_grad();
            using var run = new DecodingRun(model, [sources[i]], 100, false);
            int[][] firsts = [.. Enumerable.Range(0, 100).Select(id => new[] { 0, id })];
            var first = Logarithms(run.Next([.. firsts.Select(_ => new[] { 0 })]));
            var second = Logarithms(run.Next(firsts));
            var all = Enumerable.Range(0, 100).Where(a => a != end)
                .SelectMany(a => Enumerable.Range(0, 100).Select(b => (
                    Text: new[] { a, b },
                    Score: (first[0][a] + second[a][b]) / Math.Pow(2, penalty))))
                .Append((Text: [end], Score: first[0][end]));
            Assert.Equal(all.MaxBy(entry => entry.Score).Text, texts[i]);
        }
    }

    [Fact]
    public void GenerateIds_MinimumLength_HoldsTheEndBack()
    {
        using var model = Ending();
        foreach (var beams in new[] { 1, 3 })
        {
            var options = new GenerationOptions { MaximumLength = 24, MinimumLength = 9, Beams = beams };
            var texts = Ids(Generation(model), Sources(12), options);
            Assert.All(texts, text => Assert.InRange(text.Length, 10, 24));
            Assert.Contains(texts, text => text.Length < 24);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(2, 4)]
    [InlineData(3, 4)]
    public void GenerateIds_UniqueRunLength_LetsNoRunComeTwice(int length, int beams)
    {
        using var golden = GoldenT5.Open("t5-relu");
        var options = new GenerationOptions { MaximumLength = 30, Beams = beams, UniqueRunLength = length };
        foreach (var text in WithStart(Ids(Generation(golden.Model), golden.Sources, options)))
        {
            var runs = Enumerable.Range(0, text.Length - length + 1)
                .Select(from => string.Join(' ', text.Skip(from).Take(length))).ToArray();
            Assert.Equal(runs.Length, runs.Distinct().Count());
        }
    }

    [Fact]
    public void GenerateIds_Sampling_DependsOnTheSeedAndThePlace()
    {
        using var golden = GoldenT5.Open("t5-relu");
        var generation = Generation(golden.Model);
        var options = Eleven with { Samples = true, Seed = Seed.From(3) };
        int[][] same = [golden.Sources[0], golden.Sources[0]];
        var texts = Ids(generation, same, options);
        Assert.Equal(texts, Ids(generation, same, options));
        Assert.NotEqual(texts[0], texts[1]);
        Assert.NotEqual(texts[0], Ids(generation, same, options with { Seed = Seed.From(4) })[0]);
    }

    [Fact]
    public void GenerateIds_SamplingWithAlmostNoFreedom_IsGreedy()
    {
        using var golden = GoldenT5.Open("t5-v1_1-gated-gelu");
        var generation = Generation(golden.Model);
        var greedy = Ids(generation, golden.Sources, Eleven);
        var samples = Eleven with { Samples = true };
        Assert.Equal(greedy, Ids(generation, golden.Sources, samples with { TopK = 1 }));
        Assert.Equal(greedy, Ids(generation, golden.Sources, samples with { TopP = 1e-9 }));
        Assert.Equal(greedy, Ids(generation, golden.Sources, samples with { Temperature = 1e-6 }));
        Assert.NotEqual(greedy, Ids(generation, golden.Sources, samples));
    }

    [Theory]
    [InlineData(1, 1, 0.49, 0)] // weights 4, 2, 1, 1
    [InlineData(1, 1, 0.51, 1)]
    [InlineData(1, 1, 0.76, 2)]
    [InlineData(1, 1, 0.9999, 3)]
    [InlineData(1, 0.5, 0.9999, 0)] // the first alone has half
    [InlineData(1, 0.51, 0.9999, 1)]
    [InlineData(1, 0.75, 0.9999, 1)]
    [InlineData(0.5, 1, 0.72, 0)] // weights 16, 4, 1, 1
    [InlineData(0.5, 1, 0.74, 1)]
    public void Pick_Place_FallsOnTheLineOfProbabilities(double temperature, double topP, double place, int wanted)
    {
        float[] scores = [MathF.Log(4), MathF.Log(2), 0, 0];
        Assert.Equal(wanted, SingleSearch.Pick(scores, temperature, topP, place));
    }

    [Fact]
    public void Generate_Texts_ComeBackInOrderWithoutSpecialTokens()
    {
        using var model = Ending();
        var generation = new TextGeneration(model, Letters());
        string[] sources = ["ab", "", "b a", "c"];
        var options = new GenerationOptions { MaximumLength = 15, BatchSize = 3 };
        var texts = Texts(generation, sources, options);
        Assert.Equal(texts, sources.Select(source => Texts(generation, [source], options)[0]));
        Assert.Equal(4, texts.Count);
        Assert.All(texts, text => Assert.DoesNotContain("</s>", text, StringComparison.Ordinal));
        Assert.Empty(Texts(generation, []));
    }

    [Fact]
    public async Task StreamAsync_Texts_AreThoseOfOneCall()
    {
        using var model = Ending();
        var generation = new TextGeneration(model, Letters());
        string[] sources = ["ab", "b a", "c", "a a", "b"];
        foreach (var samples in new[] { false, true })
        {
            var options = new GenerationOptions { MaximumLength = 15, BatchSize = 2, Samples = samples };
            var cancellation = TestContext.Current.CancellationToken;
            var streamed = await generation.StreamAsync(sources.ToAsyncEnumerable(), options, cancellation)
                .ToListAsync(cancellation);
            Assert.Equal(Texts(generation, sources, options with { BatchSize = 16 }), streamed);
        }
    }

    [Fact]
    public void GenerateIds_Cancelled_EndsBetweenTokensAndFreesItsTensors()
    {
        using var golden = GoldenT5.Open("t5-relu");
        using var source = new CancellationTokenSource();
        const string Query = "decoder.block.0.layer.0.SelfAttention.q";
        var layer = golden.Model.named_modules().First(entry => entry.name == Query);
        var calls = 0;
        ((LowRank.Tensors.DenseLayer)layer.module).register_forward_hook((_, _, output) =>
        {
            if (++calls == 3)
            {
                source.Cancel();
            }

            return output;
        });
        LeakGate.Closed(() => Assert.Throws<OperationCanceledException>(
            () => Generation(golden.Model).GenerateIds(golden.Sources, Eleven, source.Token)));
        Assert.Equal(3, calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void GenerateIds_LeavesNoTensorBehind(int beams)
    {
        using var model = Ending();
        LeakGate.Closed(() => Ids(Generation(model), Sources(6), new() { MaximumLength = 40, Beams = beams }));
    }

    [Fact]
    public void GenerateIds_BadInput_SaysWhat()
    {
        using var golden = GoldenT5.Open("t5-relu");
        var generation = Generation(golden.Model);
        string Fault(GenerationOptions options, int[]? source = null) =>
            Assert.ThrowsAny<ArgumentException>(() => Ids(generation, [source ?? [5, 1]], options)).Message;
        void AssertFault(string words, GenerationOptions options, int[]? source = null) =>
            Assert.Contains(words, Fault(options, source), StringComparison.Ordinal);
        AssertFault("MaximumLength: got 0; wanted at least 1", new() { MaximumLength = 0 });
        AssertFault("MinimumLength: got 9; wanted 0 to 8", new() { MinimumLength = 9, MaximumLength = 8 });
        AssertFault("Beams: got 101; wanted at most 100", new() { Beams = 101 });
        AssertFault("Beams: got 2 with Samples; wanted 1", new() { Beams = 2, Samples = true });
        AssertFault("Temperature: got 0", new() { Temperature = 0 });
        AssertFault("TopP: got 2; wanted 0 to 1", new() { TopP = 2 });
        AssertFault("row 0 is empty", new(), []);
        AssertFault("token id 100; wanted ids below 100", new(), [100]);
    }

    [Fact]
    public void GenerateIds_InTraining_IsRefused()
    {
        using var golden = GoldenT5.Open("t5-relu");
        golden.Model.train();
        var fault = Assert.Throws<InvalidOperationException>(() => Ids(Generation(golden.Model), [[1]]));
        Assert.Contains("call eval()", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_TokenizerOfAnotherModel_IsRefused()
    {
        using var golden = GoldenT5.Open("t5-relu");
        var encoder = new UnigramEncoder([("<unk>", 0), .. Enumerable.Range(0, 100).Select(i => ($"{i}", -1.0))]);
        var fault = Assert.Throws<ArgumentException>(() => new TextGeneration(golden.Model, encoder));
        Assert.Contains("got 101 ids; wanted at most 100", fault.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<int[]> Ids(
        TextGeneration generation, IReadOnlyList<int[]> sources, GenerationOptions? options = null) =>
        generation.GenerateIds(sources, options, TestContext.Current.CancellationToken);

    private static IReadOnlyList<string> Texts(
        TextGeneration generation, IReadOnlyList<string> sources, GenerationOptions? options = null) =>
        generation.Generate(sources, options, TestContext.Current.CancellationToken);

    private static TextGeneration Generation(T5ForConditionalGeneration model) =>
        new(model, new UnigramEncoder([("<unk>", 0)]));

    private static int[][] WithStart(IReadOnlyList<int[]> texts) => [.. texts.Select(text => (int[])[0, .. text])];

    private static int[][] Sources(int count) => [.. Enumerable.Range(0, count)
        .Select(row => Enumerable.Range(0, 2 + (row % 5)).Select(i => 2 + (((17 * row) + (29 * i)) % 97)).ToArray())];

    private static double[][] Logarithms(torch.Tensor logits)
    {
        using var scope = torch.NewDisposeScope();
        var logarithms = logits.to(torch.float64).log_softmax(-1);
        var all = logarithms.data<double>().ToArray();
        return [.. all.Chunk((int)logits.size(1))];
    }

    // A golden model whose end token is one that it writes often.
    private T5ForConditionalGeneration Ending()
    {
        var golden = GoldenModel.Folder("t5-v1_1-gated-gelu");
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(golden, "config.json")))!.AsObject();
        json["eos_token_id"] = 57;
        File.WriteAllText(_folder["config.json"], json.ToJsonString());
        File.Copy(Path.Combine(golden, "model.safetensors"), _folder["model.safetensors"], overwrite: true);
        return Pretrained.SequenceToSequence(_folder.Path).Model;
    }

    private TextEncoder Letters()
    {
        string[] pieces = ["<pad>", "</s>", "<unk>", "▁", "a", "b", "c", "▁a", "▁b"];
        var scored = pieces.Select(piece => (piece, (double)-piece.Length))
            .Concat(Enumerable.Range(pieces.Length, 91).Select(id => ($"▁{id}", -9.0)));
        File.WriteAllBytes(_folder["spiece.model"], SentencePieceFiles.Model([.. scored]));
        File.WriteAllText(_folder["tokenizer_config.json"], """{ "extra_ids": 0 }""");
        return TextEncoders.Load(_folder.Path);
    }
}
