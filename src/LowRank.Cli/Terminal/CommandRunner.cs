using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LowRank.Cli.Terminal;

/// <summary>Runs the command line and turns every fault into one line and an exit code.</summary>
internal static partial class CommandRunner
{
    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is ParseErrorAction)
        {
            // "Unrecognized command" says more than the "required command" that follows from it.
            var unknown = parsed.UnmatchedTokens.Count > 0;
            foreach (var error in parsed.Errors.Where(e => !unknown || e.Message.Contains('\'', StringComparison.Ordinal)))
            {
                await Console.Error.WriteLineAsync($"lowrank: {InOneLine(error.Message)}").ConfigureAwait(false);
            }

            var command = string.Join(' ', Words(parsed.CommandResult.Command));
            await Console.Error.WriteLineAsync($"See '{command} --help'.").ConfigureAwait(false);
            return ExitCode.Usage;
        }

        try
        {
            var settings = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = TimeSpan.FromMinutes(10), // time to finish a step and save
            };
            return await parsed.InvokeAsync(settings).ConfigureAwait(false);
        }
        catch (Exception e) when (!parsed.GetValue(CommonOptions.Verbose))
        {
            var (code, text) = Explain(e);
            await Console.Error.WriteLineAsync($"lowrank: {text}").ConfigureAwait(false);
            return code;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync(e.ToString()).ConfigureAwait(false);
            return Explain(e).Code;
        }
    }

    private static (int Code, string Text) Explain(Exception e) => e switch
    {
        OperationCanceledException => (ExitCode.Cancelled, "stopped."),
        UsageException => (ExitCode.Usage, e.Message),
        FileNotFoundException or DirectoryNotFoundException => (ExitCode.NotFound, e.Message),
        InvalidDataException or JsonException => (ExitCode.BadData, e.Message),
        UnauthorizedAccessException => (ExitCode.Disk, $"{e.Message} Choose a place that you may write to."),
        IOException when IsFull(e) && e.InnerException is null => (
            ExitCode.Disk, $"{e.Message.TrimEnd('.')}. Make room there, or choose another place, and run again."),
        IOException => (ExitCode.Disk, e.Message),
        PlatformNotSupportedException => (ExitCode.NotFound, e.Message),
        ArgumentException argument => (ExitCode.Usage, WithoutParameterName(argument)),
        DllNotFoundException or TypeInitializationException or ExternalException => (
            ExitCode.Failure, $"{FirstLine(e.Message)} 'lowrank doctor' checks the native libraries."),
        _ => (ExitCode.Failure, $"{FirstLine(e.Message)} This is a fault of the program: run again with --verbose and report it."),
    };

    // ENOSPC, and Windows' ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
    private static bool IsFull(Exception e) => e.HResult is 28 or unchecked((int)0x80070070) or unchecked((int)0x80070027);

    private static string WithoutParameterName(ArgumentException e) =>
        e.ParamName is null ? e.Message : e.Message.Replace($" (Parameter '{e.ParamName}')", "", StringComparison.Ordinal);

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd();

    // What may be chosen from comes as a list, one line each; what cannot be read names a type of .NET.
    private static string InOneLine(string text)
    {
        var unread = Unread().Match(text);
        return unread.Success
            ? $"{unread.Groups["option"].Value}: got '{unread.Groups["got"].Value}'; wanted {Wanted(unread.Groups["type"].Value, unread.Groups["choices"].Value)}."
            : text.Replace(":\n\t", ": ", StringComparison.Ordinal).Replace("\n\t", ", ", StringComparison.Ordinal);
    }

    private static string Wanted(string type, string choices) =>
        type.Contains("System.Int", StringComparison.Ordinal) ? "a whole number"
        : type.Contains("System.Double", StringComparison.Ordinal) || type.Contains("System.Single", StringComparison.Ordinal) ? "a number"
        : choices.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is { Length: > 0 } names
            ? string.Join(" or ", names.Select(name => name.ToLowerInvariant()))
        : "something else; see its help";

    [GeneratedRegex(@"^Cannot parse argument '(?<got>.*)' for option '(?<option>[^']*)' as expected type '(?<type>[^']*)'\.(?: Did you mean one of the following\?(?<choices>.*))?$", RegexOptions.Singleline)]
    private static partial Regex Unread();

    private static IEnumerable<string> Words(Command command)
    {
        var parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? ["lowrank"] : [.. Words(parent), command.Name];
    }
}
