namespace LowRank.Tensors;

/// <summary>Writes files so that a reader never sees half of one: write beside, flush to disk, then rename.</summary>
public static class AtomicFile
{
    /// <summary>Writes a file through a stream; the target appears whole or not at all.</summary>
    /// <param name="path">The target. Its folder is made when missing; an existing file is replaced.</param>
    /// <param name="write">Fills the stream.</param>
    /// <exception cref="IOException">The folder cannot be written or the disk is full: nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or file may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        Check.NotBlank(path);
        Check.NotNull(write);
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full) ?? full);
        var beside = $"{full}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}.part";
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, full, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Writes a text file (UTF-8, no byte-order mark) whole or not at all.</summary>
    /// <param name="path">The target; an existing file is replaced.</param>
    /// <param name="text">The contents.</param>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
