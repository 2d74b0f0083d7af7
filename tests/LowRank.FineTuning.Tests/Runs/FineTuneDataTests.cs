using LowRank.FineTuning.Runs;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Runs;

public sealed class FineTuneDataTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_SamplesWithoutALabel_NamesTheDrawAndWhatToDo()
    {
        var file = _folder["rows.csv"];
        File.WriteAllLines(file, ["text,label", .. Enumerable.Range(0, 40).Select(row => $"text {row},label-{row % 20}")]);
        var data = new FineTuneData { TrainingFile = file, ValidationShare = 0.5 };

        var fault = Assert.Throws<InvalidDataException>(() => (data with { Samples = 10 }).Read(0));
        Assert.Matches(
            $"^samples: the 10 rows drawn of .*rows.csv have none of the label 'label-[0-9]+'; wanted some of each of 20 labels. "
                + "Take rows of each \\(few-shot\\), more samples, or another seed.$",
            fault.Message);
        Assert.Equal(20, (data with { Samples = 20 }).Read(0).Training.Count);
        Assert.Equal(20, (data with { FewShot = 1 }).Read(0).Training.Count);
    }
}
