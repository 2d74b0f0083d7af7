using LowRank.Cli.Terminal;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>The place that a command is told to write, looked at before the work and not after it.</summary>
internal static class OutputFolder
{
    /// <summary>Refuses a folder that has files already, or that cannot be written.</summary>
    public static void RequireFree(string path)
    {
        try
        {
            AtomicFolder.RequireFree(path);
        }
        catch (IOException error)
        {
            throw new UsageException(error.Message.Replace("Choose another name", "Choose another --out", StringComparison.Ordinal));
        }

        RequireWritable(path);
    }

    /// <summary>Refuses a folder in which no file can be made; leaves nothing behind.</summary>
    /// <param name="path">The folder; the nearest one above it is tried where it is missing.</param>
    /// <param name="option">What named it.</param>
    public static void RequireWritable(string path, string option = "--out")
    {
        var folder = Path.GetFullPath(path);
        while (!Path.Exists(folder) && Path.GetDirectoryName(folder) is { } above)
        {
            folder = above;
        }

        try
        {
            var probe = Path.Combine(folder, $".{Environment.ProcessId}.part");
            new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{path}: {(File.Exists(folder) ? $"{folder} is a file" : $"no file can be made in {folder}")}; " +
                $"wanted a place that can be written. Choose another {option}.",
                error);
        }
    }

    /// <summary>Refuses a file that cannot be made.</summary>
    /// <param name="path">The file; null where none is wanted.</param>
    /// <param name="option">What named it.</param>
    public static void RequireWritableFile(string? path, string option = "--out")
    {
        if (path is null)
        {
            return;
        }

        if (Directory.Exists(path))
        {
            throw new UsageException($"{path}: got a folder; wanted a file's name for {option}.");
        }

        RequireWritable(Path.GetDirectoryName(Path.GetFullPath(path))!, option);
    }
}
