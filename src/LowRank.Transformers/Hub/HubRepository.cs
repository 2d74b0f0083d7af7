using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using LowRank.Tensors;

namespace LowRank.Transformers.Hub;

/// <summary>A repository on the Hub, and what is wanted of it: a whole model, or some files of a data set.</summary>
/// <param name="Text">The id, such as <c>google-bert/bert-base-cased</c> or the older <c>gpt2</c>.</param>
/// <param name="Files">The files of a data set, with slashes between folders; null for a model.</param>
internal sealed partial record HubRepository(string Text, IReadOnlyList<string>? Files = null)
{
    /// <summary>What it is, for messages.</summary>
    public string Noun => Files is null ? "model" : "data set";

    /// <summary>The repository's folder in the cache.</summary>
    public string FolderName => $"{Plural}--{Text.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>What the Python tools' <c>hf download</c> is told to fetch the same.</summary>
    public string DownloadArguments => Files is null ? Text : $"{Text} --repo-type dataset";

    private string Plural => Files is null ? "models" : "datasets";

    /// <summary>Reads an id by the Hub's own rules for names.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HubRepository? repository)
    {
        var valid = IdPattern().IsMatch(text) && text.Length <= 96
            && !text.Contains("--", StringComparison.Ordinal) && !text.Contains("..", StringComparison.Ordinal)
            && !text.EndsWith(".git", StringComparison.Ordinal);
        repository = valid ? new(text) : null;
        return valid;
    }

    /// <summary>Returns a branch, tag or commit that is safe in an address and a path.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static string CheckRevision(string revision)
    {
        Check.That(
            IsSafePath(revision),
            nameof(revision),
            $"revision: got '{revision}'; wanted a branch, a tag or a commit, such as main.");
        return revision;
    }

    /// <summary>Whether a path stays below the folder it is joined to.</summary>
    public static bool IsSafePath(string path) =>
        PathPattern().IsMatch(path) && !path.Contains("..", StringComparison.Ordinal);

    /// <summary>Whether a revision is a whole commit hash, which never changes its meaning.</summary>
    public static bool IsCommit(string revision) => CommitPattern().IsMatch(revision);

    /// <summary>Where the Hub describes the repository at a revision.</summary>
    public string DescriptionPath(string revision) =>
        $"api/{Plural}/{Text}/revision/{Uri.EscapeDataString(revision)}";

    /// <summary>Where the Hub has a file of a commit.</summary>
    public string FilePath(string commit, string file)
    {
        var escaped = string.Join('/', file.Split('/').Select(Uri.EscapeDataString));
        return $"{(Files is null ? "" : "datasets/")}{Text}/resolve/{commit}/{escaped}";
    }

    /// <summary>The files to fetch, without the shards that an index names.</summary>
    /// <param name="names">All files of the repository.</param>
    /// <param name="subject">The repository and its revision, for the message.</param>
    /// <exception cref="FileNotFoundException">The repository does not hold what is wanted.</exception>
    public IReadOnlyList<string> Select(IReadOnlySet<string> names, string subject)
    {
        if (Files is null)
        {
            return HubFiles.Select(names, subject);
        }

        var absent = Files.Where(file => !names.Contains(file)).ToList();
        return absent.Count == 0 ? Files : throw new FileNotFoundException(
            $"{subject}: got a data set without {string.Join(", ", absent)}; wanted one that has them. "
                + "Choose another revision or other files.");
    }

    /// <summary>What a folder lacks of what is wanted; empty when it is whole.</summary>
    public IReadOnlyList<string> Missing(string folder) => Files is null
        ? HubFiles.Missing(folder)
        : [.. Files.Where(file => !File.Exists(Path.Combine(folder, file)))];

    [GeneratedRegex(@"\A(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)?[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*\z")]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();
}
