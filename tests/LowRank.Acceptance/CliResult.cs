namespace LowRank.Acceptance;

/// <summary>What a command left behind.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Fails unless the command ended in success; the message holds what it wrote to standard error.</summary>
    public CliResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Errors}\n{Output}");
        return this;
    }

    /// <summary>Fails unless the command ended with this code and one line that says this, without a stack trace.</summary>
    public void Failed(int exitCode, string message)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}\n{Errors}\n{Output}");
        var line = Assert.Single(Errors.Split('\n'), text => text.StartsWith("lowrank: ", StringComparison.Ordinal));
        Assert.Contains(message, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Errors, StringComparison.Ordinal);
    }
}
