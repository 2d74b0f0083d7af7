namespace LowRank.Tensors;

/// <summary>Writes folders so that a reader never sees half of one: fill a folder beside, then rename.</summary>
public static class AtomicFolder
{
    /// <summary>Writes a folder whole or not at all.</summary>
    /// <param name="path">The target; it does not exist or is empty, unless it may be replaced.</param>
    /// <param name="fill">Writes the files into the folder that it is given.</param>
    /// <param name="replace">Whether a folder of that name is replaced.</param>
    /// <exception cref="IOException">
    /// There is something else already, or the place cannot be written: nothing is left behind.
    /// </exception>
    public static void Write(string path, Action<string> fill, bool replace = false)
    {
        Check.NotNull(fill);
        if (!replace)
        {
            RequireFree(path);
        }

        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var beside = $"{full}.{Environment.ProcessId}.part";
        try
        {
            Directory.CreateDirectory(beside);
            fill(beside);
            Remove(full);
            Directory.Move(beside, full);
        }
        catch
        {
            Remove(beside);
            throw;
        }
    }

    /// <summary>Finds out before the work whether a folder can be written.</summary>
    /// <param name="path">The target.</param>
    /// <exception cref="IOException">There is a file, or a folder that is not empty.</exception>
    public static void RequireFree(string path)
    {
        Check.NotBlank(path);
        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
        {
            throw new IOException($"{path}: there is something already; wanted a new folder. Choose another name.");
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
