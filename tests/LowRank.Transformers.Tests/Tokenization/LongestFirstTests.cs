using CsCheck;
using LowRank.Transformers.Tokenization;

namespace LowRank.Transformers.Tests.Tokenization;

public sealed class LongestFirstTests
{
    // The table in the tests of Hugging Face's tokenizers (truncation.rs), room for 7.
    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(0, 2, 0, 2)]
    [InlineData(0, 4, 0, 4)]
    [InlineData(0, 8, 0, 7)]
    [InlineData(2, 0, 2, 0)]
    [InlineData(2, 2, 2, 2)]
    [InlineData(2, 4, 2, 4)]
    [InlineData(2, 8, 2, 5)]
    [InlineData(4, 0, 4, 0)]
    [InlineData(4, 2, 4, 2)]
    [InlineData(4, 4, 3, 4)]
    [InlineData(4, 8, 3, 4)]
    [InlineData(8, 0, 7, 0)]
    [InlineData(8, 2, 5, 2)]
    [InlineData(8, 4, 4, 3)]
    [InlineData(8, 8, 3, 4)]
    public void Cut_HuggingFacesTable_IsReproduced(int first, int second, int kept, int keptOfPair) =>
        Assert.Equal((kept, keptOfPair), LongestFirst.Cut(first, second, 7));

    [Fact]
    public void Cut_AnyLengths_FillsTheRoomAndNeverCutsBelowTheOther() =>
        Gen.Select(Gen.Int[0, 50], Gen.Int[0, 50], Gen.Int[0, 60]).Sample((first, second, room) =>
        {
            var (kept, keptOfPair) = LongestFirst.Cut(first, second, room);
            Assert.InRange(kept, 0, first);
            Assert.InRange(keptOfPair, 0, second);
            Assert.Equal(Math.Min(first + second, room), kept + keptOfPair);
            Assert.True(kept == first || kept + 1 >= keptOfPair);
            Assert.True(keptOfPair == second || keptOfPair + 1 >= kept);
        });

    [Fact]
    public void Cut_NoLimit_DoesNotOverflow() => Assert.Equal((5, 6), LongestFirst.Cut(5, 6, int.MaxValue));
}
