using LowRank.Tensors;

namespace LowRank.Transformers.Hub;

/// <summary>The part of the Hugging Face cache that belongs to one repository.</summary>
/// <remarks>
/// <c>models--org--name/blobs</c> (<c>datasets--</c> for a data set) holds files by hash, <c>snapshots/COMMIT</c> links
/// to them by name, <c>refs/REVISION</c> holds the commit a branch or tag meant last; locks lie in <c>.locks</c>. The
/// Python tools read and write the same.
/// </remarks>
internal sealed class HubCache(string cacheFolder, HubRepository repository)
{
    private readonly string _locks = Path.Combine(cacheFolder, ".locks", repository.FolderName);

    /// <summary>The repository's folder.</summary>
    public string Folder { get; } = Path.Combine(cacheFolder, repository.FolderName);

    /// <summary>The folder of one commit's files.</summary>
    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    /// <summary>The file of one hash.</summary>
    public string Blob(HubHash hash) => Path.Combine(Folder, "blobs", hash.Hex);

    /// <summary>The commit that a revision meant when it was last looked up; null when it never was.</summary>
    /// <exception cref="InvalidDataException">The note in the cache is damaged.</exception>
    public string? Commit(string revision)
    {
        if (HubRepository.IsCommit(revision))
        {
            return revision;
        }

        var path = Path.Combine(Folder, "refs", revision);
        if (!File.Exists(path))
        {
            return null;
        }

        var commit = File.ReadAllText(path).Trim();
        return HubRepository.IsCommit(commit)
            ? commit
            : throw new InvalidDataException(
                $"{path}: got '{commit}'; wanted a commit of 40 hexadecimal digits. Delete the file and run again.");
    }

    /// <summary>Notes which commit a revision means now.</summary>
    public void SetCommit(string revision, string commit)
    {
        if (!HubRepository.IsCommit(revision) && Commit(revision) != commit)
        {
            AtomicFile.WriteText(Path.Combine(Folder, "refs", revision), commit);
        }
    }

    /// <summary>Gives a blob its name in a snapshot.</summary>
    public void Link(HubHash hash, string commit, string file)
    {
        var pointer = Path.Combine(Snapshot(commit), file);
        Directory.CreateDirectory(Path.GetDirectoryName(pointer) ?? Snapshot(commit));
        var beside = $"{pointer}.{Environment.ProcessId}.link";
        try
        {
            File.Delete(beside);
            File.CreateSymbolicLink(beside, Path.GetRelativePath(Path.GetDirectoryName(pointer) ?? Folder, Blob(hash)));
            File.Move(beside, pointer, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Windows allows links to administrators and developers only, some file systems to nobody; the Python
            // tools move the file then, too.
            File.Move(Blob(hash), pointer, overwrite: true);
        }
    }

    /// <summary>Waits until no other process downloads the same file.</summary>
    /// <returns>The lock; disposing it lets others in.</returns>
    public async Task<IDisposable> LockAsync(HubHash hash, TimeProvider time, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_locks);
        Directory.CreateDirectory(Path.GetDirectoryName(Blob(hash)) ?? Folder);
        var path = Path.Combine(_locks, $"{hash.Hex}.lock");
        while (true)
        {
            try
            {
                // Unshared opening is flock on Unix, as in the Python tools.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation).ConfigureAwait(false);
            }
        }
    }
}
