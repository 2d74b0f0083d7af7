using System.Text.Json;

namespace LowRank.Testing;

/// <summary>Finds the reference values under tests/golden of the repository the test was built from.</summary>
public static class GoldenFile
{
    /// <summary>The full path of a golden file or folder.</summary>
    /// <param name="name">Path below tests/golden, such as <c>dynamics/completion.json</c>.</param>
    /// <returns>The path of something that exists.</returns>
    /// <exception cref="FileNotFoundException">No folder above the test program holds it.</exception>
    public static string Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "golden", name);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"tests/golden/{name}: not found above {AppContext.BaseDirectory}.");
    }

    /// <summary>Reads a golden JSON file.</summary>
    /// <param name="name">Path below tests/golden.</param>
    /// <returns>The root element, independent of any document.</returns>
    public static JsonElement ReadJson(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Find(name)));
        return document.RootElement.Clone();
    }
}
