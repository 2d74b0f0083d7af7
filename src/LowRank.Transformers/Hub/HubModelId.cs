using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using LowRank.Tensors;

namespace LowRank.Transformers.Hub;

/// <summary>A model's id on the Hub, such as <c>google-bert/bert-base-cased</c> or the older <c>gpt2</c>.</summary>
internal sealed partial record HubModelId(string Text)
{
    /// <summary>The model's folder in the cache.</summary>
    public string FolderName => $"models--{Text.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>Reads an id by the Hub's own rules for names.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HubModelId? id)
    {
        var valid = IdPattern().IsMatch(text) && text.Length <= 96
            && !text.Contains("--", StringComparison.Ordinal) && !text.Contains("..", StringComparison.Ordinal)
            && !text.EndsWith(".git", StringComparison.Ordinal);
        id = valid ? new(text) : null;
        return valid;
    }

    /// <summary>Returns a branch, tag or commit that is safe in an address and a path.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static string CheckRevision(string revision)
    {
        Check.That(
            RevisionPattern().IsMatch(revision) && !revision.Contains("..", StringComparison.Ordinal),
            nameof(revision),
            $"revision: got '{revision}'; wanted a branch, a tag or a commit, such as main.");
        return revision;
    }

    /// <summary>Whether a revision is a whole commit hash, which never changes its meaning.</summary>
    public static bool IsCommit(string revision) => CommitPattern().IsMatch(revision);

    [GeneratedRegex(@"\A(?:[A-Za-z0-9_][A-Za-z0-9._-]*/)?[A-Za-z0-9_][A-Za-z0-9._-]*\z")]
    private static partial Regex IdPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*\z")]
    private static partial Regex RevisionPattern();

    [GeneratedRegex(@"\A[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();
}
