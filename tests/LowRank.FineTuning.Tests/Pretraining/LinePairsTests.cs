using LowRank.FineTuning.Pretraining;
using LowRank.FineTuning.Tests.Runs;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Tests.Pretraining;

public sealed class LinePairsTests : IDisposable
{
    private static readonly string[][] Passages =
        [["the film was great .", "we saw this film", "great !"], ["alone"], ["it was very dull !", "the plot was poor"]];

    private readonly ScratchFolder _scratch = new();
    private readonly TextEncoder _encoder;

    public LinePairsTests() => _encoder = TextEncoders.Load(TinyBert.Write(_scratch["bert"]));

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Rows_OfPassages_AreTheirNeighboursOrApart()
    {
        var pairs = new LinePairs(Passages, _encoder, 24, 2);
        Assert.Equal(3, pairs.Count);
        var apart = 0;
        for (var draw = 0; draw < 200; draw++)
        {
            var row = pairs.Row(0, Seed.From(draw));
            var together = _encoder.Encode(Passages[0][0], Passages[0][1]);
            Assert.Equal(!row.Apart, row.Ids.SequenceEqual(together.Ids));
            Assert.Equal(row.Ids.Length, row.Types.Length);
            apart += row.Apart ? 1 : 0;
            if (row.Apart)
            {
                var second = row.Ids.Where((_, place) => row.Types[place] == 1).SkipLast(1).ToArray();
                Assert.Contains(Passages[1].Concat(Passages[2]), line => _encoder.EncodePlain(line).SequenceEqual(second));
            }
            else
            {
                Assert.Equal(together.TypeIds, row.Types);
            }
        }

        Assert.InRange(apart, 70, 130);
    }

    [Fact]
    public void Rows_OfOneSeed_AreTheSame()
    {
        var pairs = new LinePairs(Passages, _encoder, 24, 2);
        Assert.Equal(pairs.Row(2, Seed.From(7)).Ids, pairs.Row(2, Seed.From(7)).Ids);
    }

    [Fact]
    public void Rows_LongLines_AreCutToTheLimit()
    {
        var pairs = new LinePairs([["the film was very very very great", "we saw this very very very dull film"]], _encoder, 11, 2);
        Assert.Equal(11, pairs.Row(0, Seed.From(1)).Ids.Length);
    }

    [Fact]
    public void Rows_OnePassage_HasNothingApart()
    {
        var pairs = new LinePairs([["the film", "the plot"]], _encoder, 11, 1);
        Assert.All(Enumerable.Range(0, 20), draw => Assert.False(pairs.Row(0, Seed.From(draw)).Apart));
        Assert.All(pairs.Row(0, Seed.From(0)).Types, type => Assert.Equal(0, type));
    }
}
