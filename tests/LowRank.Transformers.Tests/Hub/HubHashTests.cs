using LowRank.Testing;
using LowRank.Transformers.Hub;

namespace LowRank.Transformers.Tests.Hub;

public sealed class HubHashTests
{
    // git hash-object and sha256sum of a file holding "hello" and a line feed.
    private const string Git = "ce013625030ba8dba906f756967f9e9ca394464a";
    private const string Sha256 = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    [Theory]
    [InlineData(Git)]
    [InlineData(Sha256)]
    public async Task OfFileAsync_KnownFile_EqualsGitAndSha256Sum(string hex)
    {
        using var folder = new ScratchFolder();
        await File.WriteAllTextAsync(folder["f"], "hello\n", TestContext.Current.CancellationToken);
        var hash = await new HubHash(hex).OfFileAsync(folder["f"], TestContext.Current.CancellationToken);
        Assert.Equal(hex, hash.Hex);
    }

    [Theory]
    [InlineData($"\"{Git}\"", Git)]
    [InlineData($"W/\"{Git}\"", Git)]
    [InlineData(Sha256, Sha256)]
    [InlineData("\"abc\"", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void FromETag_EveryForm_IsReadOrRefused(string? etag, string? hex) =>
        Assert.Equal(hex, HubHash.FromETag(etag)?.Hex);
}
