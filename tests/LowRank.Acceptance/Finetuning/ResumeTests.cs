using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.Acceptance.Finetuning;

/// <summary>A run that is stopped in any way and resumed ends as one that never was.</summary>
public sealed class ResumeTests : IDisposable
{
    private static readonly string[] Options =
    [
        "--model", "model", "--rank", "4", "--steps", "400", "--batch-size", "4", "--eval-every", "25", "--patience", "0",
        "--learning-rate", "0.005", "--schedule", "cosine", "--warm-up", "20", "--seed", "3",
    ];

    private readonly ScratchFolder _scratch = new();

    public ResumeTests()
    {
        TinyModel.Write(_scratch["model"]);
        File.WriteAllText(_scratch["data.csv"], TinyModel.Csv(64));
    }

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("lora", true)]
    [InlineData("deep-lora", false)]
    public void Resume_AfterAStopAndKills_EndsWithTheSameBytes(string adapter, bool gently)
    {
        string[] options = ["--adapter", adapter, .. Options];
        Run(["finetune", "data.csv", "--out", "whole", .. options]).Succeeds();
        var random = Seed.From(17).For(adapter).Random();
        using (var first = CliProcess.Start(_scratch.Path, ["finetune", "data.csv", "--out", "cut", .. options]))
        {
            WaitForStep(random.Next(30, 120));
            if (gently)
            {
                first.Interrupt();
                var stopped = first.Wait();
                Assert.Equal(130, stopped.ExitCode);
                Assert.Contains("'lowrank finetune --resume --out cut' goes on from here", stopped.Output, StringComparison.Ordinal);
            }
            else
            {
                first.Kill();
                first.Wait();
            }
        }

        using (var second = CliProcess.Start(_scratch.Path, "finetune", "--resume", "--out", "cut"))
        {
            WaitForStep(random.Next(160, 260));
            second.Kill();
            second.Wait();
        }

        Run("finetune", "--resume", "--out", "cut").Succeeds();
        AssertSame();
    }

    [Fact]
    public void Resume_WithOtherOptions_SaysWhichDiffer()
    {
        Run(["finetune", "data.csv", "--out", "run", .. Options]).Succeeds();
        Run("finetune", "--resume", "--out", "run", "--rank", "2").Fails(2, "adapter.rank 2").InOneLine();
        Run("finetune", "--resume", "--out", "run", "--class-weights", "bad=2").Fails(2, "class_weights.bad 2").InOneLine();
        Run(["finetune", "data.csv", "--resume", "--out", "run", .. Options]).Succeeds();
        Run("finetune", "--resume", "--out", "nothing").Fails(4, "nothing").InOneLine();
    }

    [Fact]
    public void Resume_DiskFull_KeepsTheCheckpointAndGoesOn()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "this system has no /dev/full");
        Run(["finetune", "data.csv", "--out", "whole", .. Options]).Succeeds();
        using (var first = CliProcess.Start(_scratch.Path, ["finetune", "data.csv", "--out", "cut", .. Options]))
        {
            WaitForStep(60);
            first.Kill();
            first.Wait();
        }

        // The next checkpoint is first written beside the last one, under the process's and the thread's numbers.
        var full = CliProcess.Shell(
            _scratch.Path,
            $"for t in $(seq 1 99); do ln -s /dev/full '{_scratch["cut/checkpoint/checkpoint.safetensors"]}'.$$.$t.part; done; "
                + $"exec '{CliProcess.Dotnet}' '{CliProcess.Program}' finetune --resume --out cut");
        full.Fails(5, "No space left on device", "'lowrank finetune --resume --out cut' goes on").InOneLine();
        Run("finetune", "--resume", "--out", "cut").Succeeds();
        AssertSame();
    }

    private CliResult Run(params string[] args) => CliProcess.In(_scratch.Path, "", args);

    private void AssertSame()
    {
        foreach (var file in Directory.GetFiles(_scratch["whole/adapter"]).Append(_scratch["whole/metrics.jsonl"]))
        {
            var other = file.Replace("/whole/", "/cut/", StringComparison.Ordinal);
            Assert.True(File.ReadAllBytes(file).SequenceEqual(File.ReadAllBytes(other)), file);
        }
    }

    private void WaitForStep(int step)
    {
        var file = _scratch["cut/metrics.jsonl"];
        var deadline = TimeProvider.System.GetTimestamp();
        while (!File.Exists(file) || Lines(file) < step)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromMinutes(3), "no step is taken");
            Thread.Sleep(5);
        }
    }

    private static int Lines(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        var lines = 0;
        while (reader.ReadLine() is not null)
        {
            lines++;
        }

        return lines;
    }
}
