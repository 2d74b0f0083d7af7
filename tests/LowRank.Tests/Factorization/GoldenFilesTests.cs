using System.Security.Cryptography;
using LowRank.Testing;

namespace LowRank.Tests.Factorization;

public sealed class GoldenFilesTests
{
    [Theory]
    [InlineData("dynamics/factorization.json")]
    [InlineData("dynamics/completion.json")]
    public void Readme_Row_HoldsTheFilesHash(string name)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(GoldenFile.Find(name))));
        var row = Assert.Single(
            File.ReadAllLines(GoldenFile.Find("README.md")),
            line => line.Contains($"| {name} |", StringComparison.Ordinal));
        Assert.Contains(hash, row);
    }
}
