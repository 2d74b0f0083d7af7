using LowRank.FineTuning.Metrics.Generation;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Metrics.Generation;

public sealed class WordNetTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("car", "automobile,car")]
    [InlineData("CARS", "automobile,car")] // an ending
    [InlineData("carss", "automobile,car")] // an ending twice
    [InlineData("men", "Adam,man")] // phrases are left out
    [InlineData("menfolk", "Adam,man")] // irregular
    [InlineData("beginings", "begin,start")] // two endings, one after the other
    [InlineData("starting", "a,b,begin,c,d,e,f,g,go,move,start,travel")] // two meanings
    [InlineData("fastest", "fast,quick")] // without the adjective's mark
    [InlineData("rapidly", "quickly,rapidly")]
    [InlineData("automobil", "")]
    [InlineData("", "")]
    public void Of_Word_HasTheWordsOfItsMeanings(string word, string synonyms) => Assert.Equal(
        synonyms, string.Join(',', TinyWordNet.Open(_scratch).Of(word).Order(StringComparer.Ordinal)));

    [Fact]
    public void Open_FolderAboveDict_FindsIt()
    {
        var above = Path.GetDirectoryName(TinyWordNet.Write(_scratch))!;
        Assert.Contains("quick", WordNet.Open(above).Of("fast"));
    }

    [Fact]
    public void Open_MissingFolderOrFile_IsNamed()
    {
        var folder = TinyWordNet.Write(_scratch);
        var nowhere = Assert.Throws<DirectoryNotFoundException>(() => WordNet.Open(_scratch["nowhere"])).Message;
        Assert.Contains("nowhere: there is no such folder; wanted the folder 'dict' of WordNet 3.x", nowhere, StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, "verb.exc"));
        var missing = Assert.Throws<FileNotFoundException>(() => WordNet.Open(folder)).Message;
        Assert.Contains("verb.exc: there is no such file; wanted", missing, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.adj", "nonsense", "line 1: got 'nonsense'")]
    [InlineData("data.noun", "00000046 06 n ZZ car 0 000 | x", "line 1: got '00000046 06 n ZZ car 0 000 | x'")]
    [InlineData("index.adv", "  licence\nhardly r 1 0 1 0 00000099", "line 2: got 'hardly r 1 0 1 0 00000099'")]
    [InlineData("index.verb", "go v 9 0", "line 1: got 'go v 9 0'")]
    public void Open_DamagedFile_SaysWhichLine(string file, string text, string wanted)
    {
        var folder = TinyWordNet.Write(_scratch);
        File.WriteAllText(Path.Combine(folder, file), text);
        var message = Assert.Throws<InvalidDataException>(() => WordNet.Open(folder)).Message;
        Assert.Contains($"{file}: {wanted}", message, StringComparison.Ordinal);
        Assert.Contains("wanted a line of WordNet 3.x", message, StringComparison.Ordinal);
    }
}
