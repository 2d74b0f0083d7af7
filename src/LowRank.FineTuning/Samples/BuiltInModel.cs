using LowRank.Tensors;

namespace LowRank.FineTuning.Samples;

/// <summary>The small models that come with the library, trained on the sample world; each is a model folder.</summary>
public static class BuiltInModel
{
    private static string Root => Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>The names of the models that are there, such as <c>mini-bert</c>.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Root)
        ? [.. new DirectoryInfo(Root).EnumerateDirectories().Select(folder => folder.Name).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Finds a model by its name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The folder; null when no model of this name comes with the library.</returns>
    public static string? Find(string name) => Names.Contains(Check.NotNull(name)) ? Path.Combine(Root, name) : null;
}
