using LowRank.Experiments.Reports.Figures;
using LowRank.Testing;

namespace LowRank.Experiments.Tests.Reports;

public sealed class FigureFilesTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Write_TwiceInAProcess_GivesTheSameBytes()
    {
        var figure = new Figure(
            [new LinePanel("loss", "step", "loss", [LineSeries.Plain("one", 0, [(1, 3), (2, 2), (4, 1)])]) { LogarithmicX = true }], 1);
        var (first, second) = (Path.Combine(_scratch.Path, "first"), Path.Combine(_scratch.Path, "second"));
        FigureFiles.Write(figure, first);
        FigureFiles.Write(figure, second);
        Assert.Contains("clip-path=\"url(#cl_0)\"", File.ReadAllText($"{first}.svg"), StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes($"{first}.svg"), File.ReadAllBytes($"{second}.svg"));
        Assert.Equal(File.ReadAllBytes($"{first}.png"), File.ReadAllBytes($"{second}.png"));
    }
}
