using LowRank.Cli.Terminal;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>The folder that a command is told to write.</summary>
internal static class OutputFolder
{
    /// <summary>Found out before the work, not after it.</summary>
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
    }
}
