using System.Diagnostics;
using System.Text;

namespace LowRank.Acceptance;

/// <summary>Runs the real program in a process of its own.</summary>
internal sealed class CliProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private CliProcess(string folder, string program, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        start.Environment["OMP_NUM_THREADS"] = "1"; // tiny tensors, and tests that share the processors
        start.Environment["HF_HUB_OFFLINE"] = "1";
        start.Environment["HF_HOME"] = Path.Combine(folder, "hf");
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The program as the tests' build made it.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "LowRank.Cli.dll");

    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    public int Id => _process.Id;

    /// <summary>Runs a command to its end in the current folder.</summary>
    public static CliResult Run(params string[] args) => In(Environment.CurrentDirectory, "", args);

    /// <summary>Runs a command to its end in a folder, with a text on standard input.</summary>
    public static CliResult In(string folder, string input, params string[] args)
    {
        using var process = Start(folder, args);
        process._process.StandardInput.Write(input);
        return process.Wait();
    }

    /// <summary>Starts a command and goes on.</summary>
    public static CliProcess Start(string folder, params string[] args) => new(folder, Dotnet, [Program, .. args]);

    /// <summary>Runs a line of a shell, for what only a shell can set up.</summary>
    public static CliResult Shell(string folder, string line)
    {
        using var process = new CliProcess(folder, "/bin/bash", ["-c", line]);
        return process.Wait();
    }

    /// <summary>What it has printed so far.</summary>
    public string Output => Read(_output);

    /// <summary>What it has complained or noted so far.</summary>
    public string Error => Read(_error);

    /// <summary>Gives it a line and waits until it prints one.</summary>
    public async Task AskAsync(string line, CancellationToken stop)
    {
        var before = Output.Length;
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), stop);
        await _process.StandardInput.FlushAsync(stop);
        while (Output.Length == before && !_process.HasExited)
        {
            await Task.Delay(20, stop);
        }
    }

    /// <summary>Ends it at once, as <c>kill -9</c> does.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Stops it as Ctrl-C does (Linux and macOS).</summary>
    public void Interrupt() => Shell(Environment.CurrentDirectory, $"kill -INT {Id}").Succeeds();

    /// <summary>Closes its input and waits for its end.</summary>
    public CliResult Wait()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Patience))
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The command took more than {Patience}. {_error}");
        }

        _process.WaitForExit(); // until both streams are read to their ends
        return new(_process.ExitCode, Output, Error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            if (line is not null)
            {
                text.Append(line).Append('\n');
            }
        }
    }
}
