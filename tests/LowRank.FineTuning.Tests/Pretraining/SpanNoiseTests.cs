using LowRank.FineTuning.Pretraining;
using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Tests.Pretraining;

public sealed class SpanNoiseTests : IDisposable
{
    private static readonly IReadOnlyList<(string Piece, double Score)> Pieces = UnigramTrainer.Train(["one two three"], new() { Sentinels = 12 });

    private readonly LowRank.Testing.ScratchFolder _scratch = new();
    private readonly TextEncoder _encoder;

    public SpanNoiseTests()
    {
        UnigramTrainer.Write(_scratch.Path, Pieces);
        _encoder = TextEncoders.Load(_scratch.Path);
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(128, 0.15, 3, 6, 19)]
    [InlineData(100, 0.5, 10, 5, 50)]
    [InlineData(16, 0.15, 3, 1, 2)]
    [InlineData(2, 0.15, 3, 1, 1)]
    public void Corrupt_Row_IsToldByBothTogether(int length, double density, double span, int spans, int left)
    {
        int[] ids = [.. Enumerable.Range(0, length).Select(place => 10 + (place % 80))];
        var noise = new SpanNoise(_encoder, new() { WindowLength = 128, NoiseDensity = density, MeanSpanLength = span });
        for (var seed = 0; seed < 20; seed++)
        {
            var (source, target) = noise.Corrupt(ids, Seed.From(seed));
            Assert.Equal((1, 1), (source[^1], target[^1]));
            Assert.Equal(Enumerable.Range(0, spans), Sentinels(source));
            Assert.Equal(Enumerable.Range(0, spans), Sentinels(target));
            Assert.Equal(left, target.Length - spans - 1);
            Assert.Equal(0, Number(target[0]));
            Assert.Null(Number(source[0]));
            Assert.Equal(ids, Restored(source, target));
        }
    }

    [Fact]
    public void Corrupt_Seed_DecidesAlone()
    {
        var noise = new SpanNoise(_encoder, new());
        var ids = Enumerable.Range(10, 128).ToArray();
        Assert.Equal(noise.Corrupt(ids, Seed.From(1)).Source, noise.Corrupt(ids, Seed.From(1)).Source);
        Assert.NotEqual(noise.Corrupt(ids, Seed.From(1)).Source, noise.Corrupt(ids, Seed.From(2)).Source);
    }

    [Fact]
    public void Corrupt_ManyRows_LeaveEveryPlaceButTheFirstOutAsOften()
    {
        const int Length = 64, Draws = 4000;
        var noise = new SpanNoise(_encoder, new());
        var counts = new int[Length];
        for (var seed = 0; seed < Draws; seed++)
        {
            foreach (var id in noise.Corrupt([.. Enumerable.Range(0, Length).Select(place => place + 10)], Seed.From(seed)).Target
                .Where(id => id != 1 && Number(id) is null))
            {
                counts[id - 10]++;
            }
        }

        Assert.Equal(0, counts[0]);
        Assert.All(counts[8..56], count => Assert.InRange((double)count / Draws, 0.10, 0.20));
    }

    [Fact]
    public void Constructor_TooFewSentinels_AreRefused() =>
        Assert.Contains("got 12 sentinels", Assert.Throws<ArgumentException>(
            () => new SpanNoise(_encoder, new() { WindowLength = 512 })).Message);

    private IEnumerable<int> Sentinels(int[] ids) => ids.Select(Number).OfType<int>();

    private int? Number(int id) => id >= _encoder.VocabularySize - 12 ? _encoder.VocabularySize - 1 - id : null;

    // Each sentinel of the source gives way to what follows it in the target.
    private IEnumerable<int> Restored(int[] source, int[] target) => source[..^1].SelectMany(id => Number(id) is null
        ? [id]
        : target.SkipWhile(other => other != id).Skip(1).TakeWhile(other => Number(other) is null && other != 1));
}
