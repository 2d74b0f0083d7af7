using System.Diagnostics;

namespace LowRank.Acceptance;

/// <summary>Runs the real program in a process of its own, as a user would.</summary>
internal static class CliProcess
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "LowRank.Cli.dll");

    /// <summary>Runs a command to its end.</summary>
    public static CliResult Run(string folder, params string[] args) => Run(folder, null, args);

    /// <summary>Runs a command with text on its standard input.</summary>
    public static CliResult Run(string folder, string? input, string[] args)
    {
        using var process = Start(folder, args);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    /// <summary>Starts a command and leaves it running; the caller waits for it and disposes it.</summary>
    public static Process Start(string folder, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Program);
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        return Process.Start(start)!;
    }
}
