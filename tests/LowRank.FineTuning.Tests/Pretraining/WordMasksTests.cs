using LowRank.FineTuning.Pretraining;
using LowRank.FineTuning.Tests.Runs;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Tests.Pretraining;

public sealed class WordMasksTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly TextEncoder _encoder;

    public WordMasksTests() => _encoder = TextEncoders.Load(TinyBert.Write(_scratch["bert"]));

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Hide_ManyRows_MasksEightInTenAndSwapsOne()
    {
        var masks = new WordMasks(_encoder, 0.3);
        var ids = Row("the film was great and the plot was dull", 10);
        int masked = 0, same = 0, asked = 0;
        for (var row = 0; row < 400; row++)
        {
            var (shown, places) = masks.Hide(ids, Seed.From(row));
            masked += places.Count(place => shown[place] == _encoder.SpecialTokens.Mask);
            same += places.Count(place => shown[place] == ids[place]);
            asked += places.Length;
            Assert.All(Enumerable.Range(0, ids.Length).Except(places), place => Assert.Equal(ids[place], shown[place]));
        }

        Assert.InRange((double)asked / (400 * 90), 0.29, 0.31);
        Assert.InRange((double)masked / asked, 0.78, 0.82);
        Assert.InRange((double)same / asked, 0.09, 0.12); // one in ten, and swaps that drew the token itself
    }

    [Fact]
    public void Hide_WordsOfPieces_AreHiddenAsAWhole()
    {
        var ids = Row("films plots films plots was", 6);
        var suffix = _encoder.IdOf("##s");
        for (var row = 0; row < 50; row++)
        {
            var places = new WordMasks(_encoder, 0.2).Hide(ids, Seed.From(row)).Places.ToHashSet();
            Assert.NotEmpty(places);
            for (var place = 1; place < ids.Length; place++)
            {
                Assert.True(ids[place] != suffix || places.Contains(place) == places.Contains(place - 1));
            }
        }
    }

    [Fact]
    public void Hide_SpecialTokens_AreNeverAskedOrDrawn()
    {
        var masks = new WordMasks(_encoder, 0.9);
        var ids = Row("the film was great .", 3);
        var (shown, places) = masks.Hide(ids, Seed.From(1));
        Assert.All(places, place => Assert.False(_encoder.IsSpecialToken(ids[place])));
        Assert.All(shown, id => Assert.True(id == _encoder.SpecialTokens.Mask || masks.IsOrdinary[id] || ids.Contains(id)));
    }

    [Fact]
    public void Hide_OneSeed_HidesTheSameAndAnotherDoesNot()
    {
        var masks = new WordMasks(_encoder, 0.3);
        var ids = Row("the film was great and the plot was dull", 4);
        Assert.Equal(masks.Hide(ids, Seed.From(5)).Shown, masks.Hide(ids, Seed.From(5)).Shown);
        Assert.NotEqual(masks.Hide(ids, Seed.From(5)).Shown, masks.Hide(ids, Seed.From(6)).Shown);
    }

    [Fact]
    public void Hide_RowWithoutWords_AsksNothing()
    {
        var ids = new[] { _encoder.SpecialTokens.Start!.Value, _encoder.SpecialTokens.End!.Value };
        Assert.Empty(new WordMasks(_encoder, 0.5).Hide(ids, Seed.From(0)).Places);
    }

    private int[] Row(string text, int times) =>
        [.. Enumerable.Repeat(_encoder.Encode(text).Ids, times).SelectMany(ids => ids)];
}
