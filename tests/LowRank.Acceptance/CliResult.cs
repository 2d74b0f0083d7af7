namespace LowRank.Acceptance;

/// <summary>How a command ended and what it printed.</summary>
internal sealed record CliResult(int ExitCode, string Output, string Error)
{
    /// <summary>The command went well.</summary>
    public CliResult Succeeds()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>The command failed with a code and a sentence, without a stack trace.</summary>
    public CliResult Fails(int code, params string[] texts)
    {
        Assert.True(ExitCode == code, $"exit code {ExitCode}, wanted {code}\n{Output}\n{Error}");
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of the program", Error, StringComparison.Ordinal);
        var said = Error.Split('\n').SkipWhile(line => !line.StartsWith("lowrank: ", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(said);
        foreach (var text in texts)
        {
            Assert.Contains(text, string.Join('\n', said), StringComparison.Ordinal);
        }

        return this;
    }

    /// <summary>The complaint itself is one line; where to find help may follow.</summary>
    public CliResult InOneLine()
    {
        var said = Error.TrimEnd().Split('\n')
            .SkipWhile(line => !line.StartsWith("lowrank: ", StringComparison.Ordinal))
            .Where(line => !line.EndsWith(" --help'.", StringComparison.Ordinal))
            .ToList();
        Assert.True(said.Count == 1, string.Join('\n', said));
        return this;
    }
}
