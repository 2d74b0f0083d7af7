using LowRank.Testing;

namespace LowRank.Acceptance;

/// <summary>Writing texts by the real program, on a tiny random T5.</summary>
public sealed class GenerateTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public GenerateTests()
    {
        GoldenT5.CopyTo(_scratch["t5"]);
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Generate_LinesOfAFileOrOfStandardInput_WritesALineEach()
    {
        File.WriteAllText(_scratch["in.txt"], "w5 w7\n\nw9 w11 w13\n");
        var file = Run("", "generate", "t5", "--input", "in.txt", "--max-length", "6").Succeeds().Output;
        Assert.Equal(3, file.TrimEnd('\n').Split('\n').Length);
        Assert.Equal(file, Run("w5 w7\n\nw9 w11 w13\n", "generate", "t5", "--input", "-", "--max-length", "6", "--batch-size", "1").Succeeds().Output);
        var one = Run("", "generate", "t5", "--text", "w7", "--prefix", "w5 ", "--max-length", "6").Succeeds().Output;
        Assert.Equal(file.Split('\n')[0] + "\n", one);
    }

    [Fact]
    public void Generate_ByChance_IsTheSameForTheSameSeed()
    {
        string[] command = ["generate", "t5", "--text", "w5", "--sample", "--max-length", "6", "--seed"];
        var first = Run("", [.. command, "1"]).Succeeds().Output;
        Assert.Equal(first, Run("", [.. command, "1"]).Output);
        Assert.NotEqual(first, Run("", [.. command, "2"]).Output);
    }

    [Fact]
    public void Generate_Interrupted_LeavesWholeLinesOnly()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "sends a signal by the kill program");
        File.WriteAllLines(_scratch["in.txt"], Enumerable.Repeat("w5 w7", 100_000));
        string[] command = ["generate", "t5", "--input", "in.txt", "--min-length", "6", "--max-length", "6", "--batch-size", "1"];
        using var running = CliProcess.Start(_scratch.Path, command);
        while (running.Output.Count(letter => letter == '\n') < 3)
        {
            Assert.DoesNotContain("lowrank:", running.Error, StringComparison.Ordinal);
            Thread.Sleep(20);
        }

        running.Interrupt();
        var stopped = running.Wait();
        Assert.Equal(130, stopped.ExitCode);
        Assert.Single(stopped.Output.TrimEnd('\n').Split('\n').Distinct());
    }

    [Fact]
    public void Generate_BadInput_SaysWhatInOneLine()
    {
        Run("", "generate", "t5").Fails(2, "Give one of '--text TEXT' and '--input FILE'").InOneLine();
        Run("", "generate", "t5", "--text", "a", "--max-length", "0").Fails(2, "--max-length: got 0; wanted at least 1").InOneLine();
        Run("", "generate", "t5", "--text", "a", "--top-k", "5").Fails(2, "--top-k belongs to --sample").InOneLine();
        Run("", "generate", "t5", "--text", "a", "--length-penalty", "2").Fails(2, "--length-penalty belongs to --beams of 2 or more").InOneLine();
        Run("", "generate", "t5", "--text", "a", "--beams", "101").Fails(2, "Beams: got 101; wanted at most 100").InOneLine();
        Run("", "generate", "t5", "--input", "absent.txt").Fails(4, "absent.txt: no such file").InOneLine();
        File.WriteAllText(_scratch["t5/config.json"], """{ "model_type": "bert" }""");
        Run("", "generate", "t5", "--text", "a").Fails(3, "t5: got a model that labels texts; wanted a run that writes texts, or a T5").InOneLine();
    }

    private CliResult Run(string input, params string[] args) => CliProcess.In(_scratch.Path, input, args);
}
