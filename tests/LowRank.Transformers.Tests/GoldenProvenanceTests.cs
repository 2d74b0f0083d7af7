using System.Security.Cryptography;
using LowRank.Testing;

namespace LowRank.Transformers.Tests;

/// <summary>Each golden file has a row that says where it came from, and is the file that row speaks of.</summary>
public sealed class GoldenProvenanceTests
{
    [Fact]
    public void Table_OfGoldenFiles_IsCompleteAndTrue()
    {
        var table = GoldenFile.Find("README.md");
        var root = Path.GetDirectoryName(table)!;
        var rows = File.ReadLines(table)
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && line.Count(c => c == '|') == 6)
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())
            .Where(cells => cells[0] is not ("file" or "---"))
            .ToDictionary(cells => cells[0]);
        foreach (var cells in rows.Values)
        {
            Assert.DoesNotContain("", cells);
            var hash = SHA256.HashData(File.ReadAllBytes(Path.Combine(root, cells[0])));
            Assert.Equal(cells[4], Convert.ToHexStringLower(hash));
        }

        var files = rows.Keys.Select(file => file.Split('/')[0]).Distinct()
            .SelectMany(folder =>
                Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'));
        Assert.All(files, file => Assert.Contains(file, rows.Keys));
    }
}
