using System.Text.Json;
using LowRank.Testing;

namespace LowRank.Acceptance;

public sealed class CompleteCommandTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Complete_Ratings_WritesAModelThatPredicts()
    {
        Run("sample", "--task", "ratings", "--out", ".").Succeeds();
        var fit = Run("complete", "ratings.csv", "--holdout", "0.1").Succeeds();
        Assert.Contains("test: RMSE 0.3", fit.Output, StringComparison.Ordinal);
        foreach (var file in new[] { "model.safetensors", "model.json", "report.json", "curve.png", "curve.svg", "README.md" })
        {
            Assert.True(File.Exists(_scratch[Path.Combine("ratings-model", file)]), file);
        }

        var top = Run("complete", "predict", "ratings-model", "--top", "3", "--for", "user-7", "--json").Succeeds();
        using var json = JsonDocument.Parse(top.Output);
        Assert.Equal(3, json.RootElement.GetProperty("top").GetArrayLength());

        File.WriteAllText(_scratch["pairs.csv"], "user,item\nuser-7,film-3\nstranger,film-3\n");
        var pairs = Run("complete", "predict", "ratings-model", "--pairs", "pairs.csv").Succeeds();
        Assert.Matches("^row,column,prediction\nuser-7,film-3,[0-9.]+\nstranger,film-3,[0-9.]+\n$", pairs.Output);
        var piped = CliProcess.In(
            _scratch.Path, "user-7,film-3\nstranger,film-3\n", "complete", "predict", "ratings-model", "--pairs", "-", "--header", "false");
        Assert.Equal(pairs.Output, piped.Succeeds().Output);

        Run("complete", "predict", "ratings-model", "--dense", "all.csv").Succeeds();
        Assert.Equal(401, File.ReadLines(_scratch["all.csv"]).Count());
    }

    [Fact]
    public void Complete_Twice_GivesTheSameBytes()
    {
        Run("sample").Succeeds();
        Run("complete", "ratings.csv", "--out", "a", "--rank", "4").Succeeds();
        Run("complete", "ratings.csv", "--out", "b", "--rank", "4").Succeeds();
        Assert.Equal(
            File.ReadAllBytes(_scratch[Path.Combine("a", "model.safetensors")]),
            File.ReadAllBytes(_scratch[Path.Combine("b", "model.safetensors")]));
    }

    [Fact]
    public void Complete_FoldsAndRepeats_Measure()
    {
        Run("sample").Succeeds();
        using var folds = JsonDocument.Parse(Run("complete", "ratings.csv", "--folds", "3", "--rank", "3", "--json").Succeeds().Output);
        Assert.Equal(3, folds.RootElement.GetProperty("splits").GetArrayLength());
        Assert.InRange(folds.RootElement.GetProperty("rmse").GetDouble(), 0.3, 0.5);
        var repeats = Run("complete", "ratings.csv", "--holdout", "0.1", "--repeat", "2", "--rank", "3").Succeeds();
        Assert.Contains("deviation", repeats.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_scratch["ratings-model"]));
    }

    [Fact]
    public void Complete_Image_FillsItsHoles()
    {
        // A product of two ramps: rank one.
        var pixels = new byte[40 * 30];
        for (var k = 0; k < pixels.Length; k++)
        {
            pixels[k] = (byte)((k / 30 + 5) * (k % 30 + 5) / 7);
        }

        using (var file = File.Create(_scratch["ramp.pgm"]))
        {
            file.Write("P5\n30 40\n255\n"u8);
            file.Write(pixels);
        }

        var fit = Run("complete", "ramp.pgm", "--hide", "0.4", "--no-biases", "--no-clamp", "--json").Succeeds();
        using var json = JsonDocument.Parse(fit.Output);
        Assert.InRange(json.RootElement.GetProperty("test").GetProperty("rmse").GetDouble(), 0, 1);
        var filled = File.ReadAllBytes(_scratch[Path.Combine("ramp-model", "completed.pgm")])[^pixels.Length..];
        Assert.All(filled.Zip(pixels), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 4));
    }

    [Fact]
    public void Complete_Interrupted_SavesAndGoesOn()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "sends a signal by the kill program");
        Run("sample").Succeeds();
        string[] descent =
            ["complete", "ratings.csv", "--method", "descent", "--rank", "3", "--max-steps", "100000000", "--tolerance", "0", "--validation", "0"];
        using (var running = CliProcess.Start(_scratch.Path, descent))
        {
            // The first progress line shows that the descent is under way.
            while (!running.Error.Contains("fitting", StringComparison.Ordinal))
            {
                Thread.Sleep(50);
            }

            running.Interrupt();
            var result = running.Wait();
            Assert.Equal(130, result.ExitCode);
            Assert.Contains("--resume goes on from here", result.Output, StringComparison.Ordinal);
        }

        int Steps()
        {
            using var report = JsonDocument.Parse(File.ReadAllText(_scratch[Path.Combine("ratings-model", "report.json")]));
            return report.RootElement.GetProperty("fit").GetProperty("steps").GetInt32();
        }

        var before = Steps();
        Run([.. descent, "--resume", "--max-steps", "200"]).Fails(2, "--max-steps").InOneLine();
        Run("complete", "ratings.csv", "--method", "descent", "--rank", "3", "--max-steps", "200", "--tolerance", "0", "--validation", "0", "--resume")
            .Succeeds();
        Assert.Equal(before + 200, Steps());
    }

    [Theory]
    [InlineData("", 3, "wanted lines of row id")]
    [InlineData("user,item,rating\n", 3, "empty.csv")]
    [InlineData("user,item,rating\na,b,good\n", 3, "empty.csv")]
    [InlineData("user,item,rating\na,b,NaN\n", 3, "NaN")]
    public void Complete_BadFile_SaysSoInOneLine(string contents, int exitCode, string message)
    {
        File.WriteAllText(_scratch["empty.csv"], contents);
        Run("complete", "empty.csv").Fails(exitCode, message).InOneLine();
        Assert.False(Directory.Exists(_scratch["empty-model"]));
    }

    [Fact]
    public void Complete_OneRating_PredictsIt()
    {
        File.WriteAllText(_scratch["one.csv"], "a,b,4.5\n");
        Run("complete", "one.csv").Succeeds();
        Assert.Contains("a,b,4.5", Run("complete", "predict", "one-model", "--pairs", "one.csv").Succeeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_Mistakes_AreExplained()
    {
        File.WriteAllText(_scratch["r.csv"], "a,b,1\na,c,2\nd,b,3\n");
        Run("complete", "r.csv", "--rank", "3").Fails(2, "rank: got 3; wanted at most 2").InOneLine();
        Run("complete", "r.csv", "--gamma", "0.1").Fails(2, "add '--method descent'").InOneLine();
        Run("complete", "r.csv", "--holdout", "0.1", "--folds", "2").Fails(2, "exclude each other").InOneLine();
        Run("complete", "r.csv", "--columns", "who,what,how").Fails(3, "who").InOneLine();
        Run("complete", "missing.csv").Fails(4, "missing.csv").InOneLine();
        Run("complete", "r.csv", "--resume").Fails(4, "no model to go on from").InOneLine();
        Run("complete", "r.csv").Succeeds();
        Run("complete", "r.csv").Fails(2, "--force").InOneLine();
        Run("complete", "predict", "r-model").Fails(2, "Give one of").InOneLine();
        Run("complete", "predict", "nowhere", "--top", "1", "--for", "a").Fails(4, "nowhere").InOneLine();
        File.WriteAllText(_scratch[Path.Combine("r-model", "model.safetensors")], "?");
        Run("complete", "predict", "r-model", "--top", "1", "--for", "a").Fails(3, "model.safetensors").InOneLine();
    }

    [Fact]
    public void Complete_FolderThatCannotBeWritten_IsFoundOutBeforeTheWork()
    {
        File.WriteAllText(_scratch["r.csv"], "a,b,1\na,c,2\nd,b,3\n");
        File.WriteAllText(_scratch["taken"], "a file");
        Run("complete", "r.csv", "--out", Path.Combine("taken", "model")).Fails(5, "taken").InOneLine();
    }

    private CliResult Run(params string[] args) => CliProcess.In(_scratch.Path, "", args);
}
