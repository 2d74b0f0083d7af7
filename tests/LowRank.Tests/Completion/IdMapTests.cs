using LowRank.Completion;

namespace LowRank.Tests.Completion;

public sealed class IdMapTests
{
    public static TheoryData<IdMap> Maps =>
    [
        new IdMap(["5", "7", "0"]),
        IdMap.FromDistinctNumbers([5, 7, 0]),
        IdMap.FromDistinctTexts(["5", "7", "0"]),
    ];

    [Theory]
    [MemberData(nameof(Maps), DisableDiscoveryEnumeration = true)]
    public void EveryKind_GivesTheSameAnswers(IdMap map)
    {
        Assert.Equal(3, map.Count);
        Assert.Equal(["5", "7", "0"], map.Ids);
        Assert.Equal(("7", "7"), (map[1], map.Ids[1]));
        Assert.True(map.TryIndexOf("0", out var index));
        Assert.Equal(2, index);
        foreach (var stranger in new[] { "6", "05", "+5", "5.0", " 5", "-1", "99999999999", "", "five" })
        {
            Assert.False(map.TryIndexOf(stranger, out index));
            Assert.Equal(0, index);
        }
    }

    [Fact]
    public void Range_CountsOn()
    {
        var map = IdMap.Range(1, 2_000_000_000);

        Assert.Equal(("1", "2000000000"), (map[0], map[1_999_999_999]));
        Assert.True(map.TryIndexOf("17", out var index));
        Assert.Equal(16, index);
        Assert.False(map.TryIndexOf("0", out _));
        Assert.False(map.TryIndexOf("2000000001", out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => map[2_000_000_000]);
        Assert.Throws<ArgumentOutOfRangeException>(() => IdMap.Range(2, int.MaxValue));
    }

    [Fact]
    public void Constructor_IdTwice_IsRefused() => Assert.StartsWith(
        "got the id 'a' twice; wanted distinct ids.",
        Assert.Throws<ArgumentException>(() => new IdMap(["a", "b", "a"])).Message,
        StringComparison.Ordinal);
}
