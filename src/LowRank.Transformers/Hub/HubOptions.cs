using System.Text;
using System.Text.Json.Serialization;
using LowRank.Tensors;

namespace LowRank.Transformers.Hub;

/// <summary>Where models come from and are kept, in the terms of the Hugging Face tools.</summary>
public sealed record HubOptions
{
    /// <summary>The Hub's address, without a slash at the end; <c>HF_ENDPOINT</c>.</summary>
    public string Endpoint { get; init; } = "https://huggingface.co";

    /// <summary>The cache folder, shared with the Python tools; <c>HF_HUB_CACHE</c>, else <c>HF_HOME/hub</c>.</summary>
    public string CacheFolder { get; init; } = DefaultCache();

    /// <summary>
    /// The access token for private and gated models; <c>HF_TOKEN</c>, else the file that <c>hf auth login</c> writes.
    /// It is sent to <see cref="Endpoint"/> alone, never to a host that the Hub redirects to, and never printed.
    /// </summary>
    [JsonIgnore]
    public string? Token { get; init; }

    /// <summary>Whether only the cache may be used; <c>HF_HUB_OFFLINE</c>. Offline means no request at all.</summary>
    public bool Offline { get; init; }

    /// <summary>How often a request is tried, at least 1; bytes that arrive start the count anew.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Wait before the second attempt; doubled before each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between two attempts; when the Hub asks for a longer one, the request fails.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a connection may stay silent before it counts as dropped.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The options that the environment asks for; see docs/models.md for the variables.</summary>
    /// <returns>The options; defaults where a variable is unset or empty.</returns>
    public static HubOptions FromEnvironment() => FromVariables(Environment.GetEnvironmentVariable);

    internal static HubOptions FromVariables(Func<string, string?> variable)
    {
        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;
        var home = Expand(Value("HF_HOME") ?? Path.Combine(
            Value("XDG_CACHE_HOME") ?? Path.Combine(UserFolder(), ".cache"), "huggingface"));
        var cache = Value("HF_HUB_CACHE") ?? Value("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub");
        var tokenFile = Expand(Value("HF_TOKEN_PATH") ?? Path.Combine(home, "token"));
        return new()
        {
            Endpoint = (Value("HF_ENDPOINT") ?? "https://huggingface.co").TrimEnd('/'),
            CacheFolder = Expand(cache),
            Token = Clean(Value("HF_TOKEN") ?? Value("HUGGING_FACE_HUB_TOKEN"))
                ?? (IsTrue(Value("HF_HUB_DISABLE_IMPLICIT_TOKEN")) ? null : ReadToken(tokenFile)),
            Offline = IsTrue(Value("HF_HUB_OFFLINE") ?? Value("TRANSFORMERS_OFFLINE")),
        };
    }

    internal HubOptions Validated()
    {
        Check.That(
            Uri.TryCreate(Endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https",
            nameof(Endpoint),
            $"Endpoint (HF_ENDPOINT): got '{Endpoint}'; wanted an address such as https://huggingface.co.");
        Check.NotBlank(CacheFolder);
        Check.AtLeast(Attempts, 1);
        Check.AtLeast(FirstDelay, TimeSpan.Zero);
        Check.AtLeast(LongestDelay, TimeSpan.Zero);
        Check.AtLeast(StallTimeout, TimeSpan.FromMilliseconds(1));
        Check.That(
            Token is null || (Token.Length > 0 && Token.All(c => c is > ' ' and < (char)127)),
            nameof(Token),
            "Token (HF_TOKEN): got one with blanks or other odd characters; wanted one such as hf_...");
        return this;
    }

    // The compiler's version would print the token.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"Endpoint = {Endpoint}, CacheFolder = {CacheFolder}, Offline = {Offline}, ");
        builder.Append($"Token = {(Token is null ? "none" : "(hidden)")}");
        return true;
    }

    private static string DefaultCache() => Path.Combine(UserFolder(), ".cache", "huggingface", "hub");

    private static string UserFolder() => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string Expand(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? UserFolder() + path[1..] : path;

    private static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private static string? Clean(string? token) => token?.Trim() is { Length: > 0 } clean ? clean : null;

    private static string? ReadToken(string file) => File.Exists(file) ? Clean(File.ReadAllText(file)) : null;
}
