using System.Text.Json;
using LowRank.Tensors;
using LowRank.Transformers.Weights;

namespace LowRank.Transformers.Hub;

/// <summary>Turns a model's name, a folder or an id of the Hugging Face Hub, into a folder with its files; and brings
/// files of data sets.</summary>
/// <remarks>Thread-safe. The cache is the one of the Python tools, so a model is downloaded once for both.</remarks>
public sealed class ModelHub : IDisposable
{
    private const string DefaultRevision = "main";
    private readonly HubOptions _options;
    private readonly HubConnection _connection;

    /// <summary>Makes a hub; nothing is read or requested yet.</summary>
    /// <param name="options">Where to look; <see cref="HubOptions.FromEnvironment"/> when null.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ModelHub(HubOptions? options = null)
        : this(options ?? HubOptions.FromEnvironment(), TimeProvider.System, null)
    {
    }

    internal ModelHub(HubOptions options, TimeProvider time, HttpMessageHandler? handler)
    {
        _options = options.Validated();
        _connection = new(_options, time, handler);
    }

    /// <summary>Finds a model's folder, downloading what is not in the cache.</summary>
    /// <remarks>
    /// Only the files that LowRank reads are fetched: configuration, tokenizer, and the weights in one form
    /// (safetensors before PyTorch). Online, a branch is looked up anew each time; a whole commit hash is not. When the
    /// Hub cannot be reached and the cache holds the model, the cached one is used and the progress says so.
    /// </remarks>
    /// <param name="model">A folder, or an id such as <c>google-bert/bert-base-cased</c>; a folder wins.</param>
    /// <param name="revision">A branch, tag or commit; <c>main</c> when null. A folder has none.</param>
    /// <param name="progress">Told of every step, on the downloading thread; may be null.</param>
    /// <param name="cancellation">Stops the work; what has arrived is kept.</param>
    /// <returns>The full path of the folder.</returns>
    /// <exception cref="DirectoryNotFoundException">Neither a folder nor a possible id.</exception>
    /// <exception cref="FileNotFoundException">No such model, revision or file; offline: not cached.</exception>
    /// <exception cref="UnauthorizedAccessException">The model is private or gated, or the token invalid.</exception>
    /// <exception cref="InvalidDataException">A file has a wrong hash, or the Hub's answer makes no sense.</exception>
    /// <exception cref="HubUnreachableException">No attempt got an answer, and the cache lacks it.</exception>
    /// <exception cref="IOException">The network or the disk failed.</exception>
    public async Task<string> LocateAsync(
        string model,
        string? revision = null,
        IProgress<HubEvent>? progress = null,
        CancellationToken cancellation = default)
    {
        Check.NotBlank(model);
        if (Directory.Exists(model))
        {
            Check.That(
                revision is null,
                nameof(revision),
                $"revision: got '{revision}' for the folder '{model}'; wanted none.");
            return Path.GetFullPath(model);
        }

        if (!HubRepository.TryParse(model, out var repository))
        {
            throw new DirectoryNotFoundException(
                $"{model}: there is no such folder, and it is no id of the Hub; wanted a model's folder, or an id " +
                "such as google-bert/bert-base-cased.");
        }

        return await LocateAsync(repository, revision, progress, cancellation).ConfigureAwait(false);
    }

    /// <summary>Finds files of a data set, downloading what is not in the cache.</summary>
    /// <remarks>As for a model: same cache, same checks, same behaviour without a network.</remarks>
    /// <param name="dataset">An id such as <c>nyu-mll/glue</c>.</param>
    /// <param name="files">
    /// Paths in the repository, such as <c>rte/train-00000-of-00001.parquet</c>; at least one.
    /// </param>
    /// <param name="revision">A branch, tag or commit; <c>main</c> when null.</param>
    /// <param name="progress">Told of every step, on the downloading thread; may be null.</param>
    /// <param name="cancellation">Stops the work; what has arrived is kept.</param>
    /// <returns>The full path of the folder that has the files, under the same paths.</returns>
    /// <exception cref="ArgumentException">Not a possible id, revision or path.</exception>
    /// <exception cref="FileNotFoundException">No such data set, revision or file; offline: not cached.</exception>
    /// <exception cref="UnauthorizedAccessException">It is private or gated, or the token invalid.</exception>
    /// <exception cref="InvalidDataException">A file has a wrong hash, or the Hub's answer makes no sense.</exception>
    /// <exception cref="HubUnreachableException">No attempt got an answer, and the cache lacks it.</exception>
    /// <exception cref="IOException">The network or the disk failed.</exception>
    public async Task<string> LocateDatasetAsync(
        string dataset,
        IReadOnlyList<string> files,
        string? revision = null,
        IProgress<HubEvent>? progress = null,
        CancellationToken cancellation = default)
    {
        if (!HubRepository.TryParse(Check.NotBlank(dataset), out var repository))
        {
            throw new ArgumentException(
                $"{nameof(dataset)}: got '{dataset}'; wanted an id of the Hub, such as nyu-mll/glue.", nameof(dataset));
        }

        Check.That(
            Check.NotNull(files).Count > 0 && files.All(HubRepository.IsSafePath),
            nameof(files),
            $"{nameof(files)}: got '{string.Join(", ", files)}'; wanted paths in the repository.");
        return await LocateAsync(repository with { Files = files }, revision, progress, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _connection.Dispose();

    private async Task<string> LocateAsync(
        HubRepository repository,
        string? revision,
        IProgress<HubEvent>? progress,
        CancellationToken cancellation)
    {
        var wanted = HubRepository.CheckRevision(revision ?? DefaultRevision);
        var cache = new HubCache(_options.CacheFolder, repository);
        if (_options.Offline)
        {
            return FromCache(repository, wanted, cache, "offline (HF_HUB_OFFLINE)");
        }

        var cached = cache.Commit(wanted);
        var whole = cached is not null && repository.Missing(cache.Snapshot(cached)).Count == 0;
        return whole && HubRepository.IsCommit(wanted)
            ? Path.GetFullPath(cache.Snapshot(wanted))
            : await FetchAsync(repository, wanted, cache, whole, progress, cancellation).ConfigureAwait(false);
    }

    private static string FromCache(HubRepository repository, string revision, HubCache cache, string reason)
    {
        var commit = cache.Commit(revision);
        var folder = commit is null ? cache.Folder : cache.Snapshot(commit);
        var missing = repository.Missing(folder);
        return missing.Count == 0
            ? Path.GetFullPath(folder)
            : throw HubErrors.NotCached(repository, revision, folder, missing, reason);
    }

    private async Task<string> FetchAsync(
        HubRepository repository,
        string revision,
        HubCache cache,
        bool whole,
        IProgress<HubEvent>? progress,
        CancellationToken cancellation)
    {
        string commit;
        HashSet<string> names;
        try
        {
            // With everything cached, one attempt tells whether the Hub can be reached.
            var retries = new HubRetries(
                $"{repository.Text} ({revision})", _options, _connection.Time, progress, attempts: whole ? 1 : 0);
            (commit, names) = await ListAsync(repository, revision, retries, cancellation).ConfigureAwait(false);
        }
        catch (HubUnreachableException e) when (whole)
        {
            progress?.Report(new(HubStage.Unreachable, "", 0, 0, $"{e.Message} The cached {repository.Noun} is used."));
            return FromCache(repository, revision, cache, "the Hub cannot be reached");
        }

        foreach (var file in repository.Select(names, $"{repository.Text} ({revision})"))
        {
            await BringAsync(repository, commit, file, cache, progress, cancellation).ConfigureAwait(false);
            if (HubFiles.IsIndex(file))
            {
                foreach (var shard in ShardedCheckpoint.Files(Path.Combine(cache.Snapshot(commit), file)))
                {
                    await BringAsync(repository, commit, shard, cache, progress, cancellation).ConfigureAwait(false);
                }
            }
        }

        // Last, so that the note never leads to half of it.
        cache.SetCommit(revision, commit);
        return Path.GetFullPath(cache.Snapshot(commit));
    }

    private async Task<(string Commit, HashSet<string> Names)> ListAsync(
        HubRepository repository, string revision, HubRetries retries, CancellationToken cancellation)
    {
        var address = _connection.Address(repository.DescriptionPath(revision));
        var text = await _connection.ReadTextAsync(address, retries, cancellation).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(text);
            var commit = json.RootElement.GetProperty("sha").GetString() ?? "";
            var names = json.RootElement.GetProperty("siblings").EnumerateArray()
                .Select(item => item.GetProperty("rfilename").GetString() ?? "").ToHashSet(StringComparer.Ordinal);
            return HubRepository.IsCommit(commit)
                ? (commit, names)
                : throw new InvalidDataException(
                    $"{address}: got the commit '{commit}'; wanted 40 hexadecimal digits. Check HF_ENDPOINT.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"{address}: got an answer that is no description of a {repository.Noun} ({e.Message}); wanted the Hub's. " +
                "Check HF_ENDPOINT, and whether the network asks for a login first.",
                e);
        }
    }

    private async Task BringAsync(
        HubRepository repository,
        string commit,
        string file,
        HubCache cache,
        IProgress<HubEvent>? progress,
        CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(cache.Snapshot(commit), file)))
        {
            progress?.Report(new(HubStage.Cached, file, 0, 0, $"{file}: in the cache"));
            return;
        }

        var retries = new HubRetries($"{repository.Text}/{file}", _options, _connection.Time, progress, file);
        var address = _connection.Address(repository.FilePath(commit, file));
        var (hash, size) = await DescribeAsync(address, retries, commit, cancellation).ConfigureAwait(false);
        using var taken = await cache.LockAsync(hash, _connection.Time, cancellation).ConfigureAwait(false);
        if (!File.Exists(cache.Blob(hash)) || new FileInfo(cache.Blob(hash)).Length != size)
        {
            var download = new HubDownload(
                _connection, retries, address, file, cache.Blob(hash), hash, size, progress);
            await download.RunAsync(cancellation).ConfigureAwait(false);
        }

        cache.Link(hash, commit, file);
    }

    private async Task<(HubHash Hash, long Size)> DescribeAsync(
        Uri address, HubRetries retries, string commit, CancellationToken cancellation)
    {
        using var response = await _connection.SendAsync(HttpMethod.Head, address, 0, retries, cancellation)
            .ConfigureAwait(false);
        var etag = HubErrors.Header(response, "X-Linked-Etag") ?? HubErrors.Header(response, "ETag");
        var size = long.TryParse(HubErrors.Header(response, "X-Linked-Size"), out var linked)
            ? linked
            : response.IsSuccessStatusCode ? response.Content.Headers.ContentLength : null;
        if (HubErrors.Header(response, "X-Repo-Commit") is { } actual && actual != commit)
        {
            throw new InvalidDataException(
                $"{retries.Subject}: got the file of commit {actual}; wanted {commit}. Check HF_ENDPOINT.");
        }

        return HubHash.FromETag(etag) is { } hash && size is >= 0
            ? (hash, size.Value)
            : throw new InvalidDataException(
                $"{retries.Subject}: got the hash (ETag) '{etag}' and the size '{size}'; wanted a SHA-1 or SHA-256 " +
                "and a number of bytes, as the Hub gives them. Check HF_ENDPOINT.");
    }
}
