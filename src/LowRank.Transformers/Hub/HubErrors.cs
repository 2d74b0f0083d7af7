using System.Net;

namespace LowRank.Transformers.Hub;

/// <summary>What the Hub's refusals mean, and what to do about them.</summary>
internal static class HubErrors
{
    /// <summary>The exception for an answer that repeating the request will not change.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="subject">What was asked for.</param>
    /// <param name="options">For the remedies.</param>
    public static Exception Explain(HttpResponseMessage response, string subject, HubOptions options)
    {
        var code = Header(response, "X-Error-Code");
        var said = Header(response, "X-Error-Message") is { } message ? $" The Hub says: {message}" : "";
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized when options.Token is null => new UnauthorizedAccessException(
                $"{subject}: got no access without a token (401); wanted a public repository or a token. Check the name; " +
                $"if the repository is private or gated, set HF_TOKEN or run 'hf auth login'.{said}"),
            HttpStatusCode.Unauthorized => new UnauthorizedAccessException(
                $"{subject}: got no access with this token (401); wanted one that may read the repository. Check the " +
                $"name, and that the token in HF_TOKEN (or the file 'hf auth login' wrote) is still valid.{said}"),
            HttpStatusCode.Forbidden => new UnauthorizedAccessException(
                $"{subject}: got no access (403); wanted a token of a user who may read the repository. " +
                (code == "GatedRepo"
                    ? $"Accept its terms on {options.Endpoint} and set HF_TOKEN to a token of that account.{said}"
                    : $"Set HF_TOKEN to a token with read access.{said}")),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new FileNotFoundException(
                $"{subject}: there is none at {options.Endpoint} ({(int)response.StatusCode}). " + code switch
                {
                    "RevisionNotFound" => "Check the revision: a branch, a tag or a commit.",
                    "EntryNotFound" => "The repository lacks this file: choose another model or revision.",
                    _ => "Check the name: organisation/name, as in google-bert/bert-base-cased.",
                } + said),
            _ => new IOException(
                $"{subject}: got the answer {(int)response.StatusCode} ({response.ReasonPhrase}); wanted 200. " +
                $"Check the endpoint ({options.Endpoint}).{said}"),
        };
    }

    /// <summary>The first value of a header; null when there is none.</summary>
    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    /// <summary>The error of what must come from the cache and is not wholly there.</summary>
    public static FileNotFoundException NotCached(
        HubRepository repository, string revision, string place, IReadOnlyList<string> missing, string reason)
    {
        var files = string.Join(" ", missing);
        return new(
            $"{repository.Text} ({revision}): {reason}; missing in {place}: {string.Join(", ", missing)}. Where there " +
            "is a network, run once without HF_HUB_OFFLINE, or " +
            $"'hf download {repository.DownloadArguments} --revision {revision} {files}', " +
            $"and copy the cache folder here; or name a folder that holds the {repository.Noun}.",
            Path.Combine(place, missing[0]));
    }
}
