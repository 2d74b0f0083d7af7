using System.Text.Json;
using LowRank.Tensors;

namespace LowRank.Acceptance;

public sealed class ProgramTests
{
    [Fact]
    public void Doctor_OnAReadyMachine_FindsEverything()
    {
        using var json = JsonDocument.Parse(Run("doctor", "--json").Succeeds().Output);
        Assert.True(json.RootElement.GetProperty("ready").GetBoolean());
        Assert.Empty(json.RootElement.GetProperty("problems").EnumerateArray());
        Assert.Contains("LibTorchSharp", json.RootElement.GetProperty("native_file").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("complete")]
    [InlineData("demo")]
    [InlineData("doctor")]
    [InlineData("sample")]
    public void Help_EndsWithExamples(string command) =>
        Assert.Contains("Examples:\n  lowrank ", Run(command, "--help").Succeeds().Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("lowrank: --rank: got '3.5'; wanted a whole number.", "finetune", "rows.csv", "--rank", "3.5")]
    [InlineData("lowrank: --learning-rate: got 'fast'; wanted a number.", "finetune", "rows.csv", "--learning-rate", "fast")]
    [InlineData("lowrank: --scale: got 'big'; wanted full or quick.", "reproduce", "fig1", "--scale", "big")]
    public void Option_ThatCannotBeRead_SaysWhatIsWantedWithoutTypesOfDotNet(string line, params string[] words) =>
        Run(words).Fails(2, line);

    [Fact]
    public void UnknownCommand_SaysWhereHelpIs()
    {
        var result = Run("complte");
        result.Fails(2, "'complte'");
        Assert.Contains("See 'lowrank --help'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Suggest_CompletesOptions() =>
        Assert.Contains("--holdout", Run("[suggest:22]", "lowrank complete --hold").Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("pwsh")]
    public void Shell_PrintsAScript(string shell) =>
        Assert.Contains("[suggest:", Run("shell", shell).Succeeds().Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("finetune", "x.csv", "--model", "mini-bert")]
    [InlineData("pretrain", "x.txt", "--out", "y")]
    [InlineData("evaluate", "x", "--data", "y.csv")]
    [InlineData("predict", "x", "--text", "a")]
    [InlineData("generate", "x", "--text", "a")]
    [InlineData("reproduce", "fig5")]
    [InlineData("compare", "x.csv", "--model", "mini-bert", "--out", "y")]
    public void Device_NotThere_IsSaidInOneLine(params string[] command)
    {
        Run([.. command, "--device", "gpu"]).Fails(2, "device: got 'gpu'; wanted cpu, cuda, or cuda:N");
        Assert.SkipWhen(ComputeDevice.HasCuda(), "this libtorch has CUDA");
        var result = Run([.. command, "--device", "cuda"]);
        result.Fails(4, "device cuda: got a libtorch without CUDA; wanted one with it. Build with '-p:LibTorch=cuda'");
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    private static CliResult Run(params string[] args) => CliProcess.Run(args);
}
