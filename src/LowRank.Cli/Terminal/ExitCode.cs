namespace LowRank.Cli.Terminal;

/// <summary>What the program's exit codes mean.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>A fault of the program itself.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A file's contents are wrong.</summary>
    public const int BadData = 3;

    /// <summary>A file, model, id or device does not exist.</summary>
    public const int NotFound = 4;

    /// <summary>Something cannot be read from or written to disk.</summary>
    public const int Disk = 5;

    /// <summary>The work ended without a usable result, such as a descent that diverged.</summary>
    public const int NoResult = 6;

    /// <summary>Stopped by Ctrl-C, as shells report it.</summary>
    public const int Cancelled = 130;
}
