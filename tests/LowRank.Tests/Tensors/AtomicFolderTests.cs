using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.Tests.Tensors;

public sealed class AtomicFolderTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Write_NewOrEmptyFolder_HoldsWhatWasWritten()
    {
        Directory.CreateDirectory(_scratch["empty"]);
        foreach (var name in new[] { "new/inner", "empty", "slash/" })
        {
            AtomicFolder.Write(_scratch[name], folder => File.WriteAllText(Path.Combine(folder, "a"), name));
            Assert.Equal(name, File.ReadAllText(Path.Combine(_scratch[name], "a")));
        }

        Assert.Equal(["empty", "new", "slash"], Directory.GetDirectories(_scratch.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Write_Fault_LeavesNothingAndKeepsWhatWasThere()
    {
        AtomicFolder.Write(_scratch["a"], folder => File.WriteAllText(Path.Combine(folder, "old"), ""));
        Assert.Throws<InvalidDataException>(() =>
            AtomicFolder.Write(_scratch["a"], Fail, replace: true));
        Assert.Throws<InvalidDataException>(() => AtomicFolder.Write(_scratch["b"], Fail));
        Assert.Equal([_scratch["a"]], Directory.GetFileSystemEntries(_scratch.Path));
        Assert.Equal([_scratch["a/old"]], Directory.GetFileSystemEntries(_scratch["a"]));

        static void Fail(string folder)
        {
            File.WriteAllText(Path.Combine(folder, "half"), "");
            throw new InvalidDataException();
        }
    }

    [Fact]
    public void Write_PlaceInUse_RefusesUnlessReplacing()
    {
        AtomicFolder.Write(_scratch["a"], folder => File.WriteAllText(Path.Combine(folder, "old"), ""));
        File.WriteAllText(_scratch["file"], "");
        foreach (var name in new[] { "a", "file" })
        {
            var error = Assert.Throws<IOException>(() => AtomicFolder.Write(_scratch[name], _ => Assert.Fail("written")));
            Assert.StartsWith($"{_scratch[name]}: there is something already", error.Message, StringComparison.Ordinal);
        }

        AtomicFolder.Write(_scratch["a"], folder => File.WriteAllText(Path.Combine(folder, "new"), ""), replace: true);
        Assert.Equal([_scratch["a/new"]], Directory.GetFileSystemEntries(_scratch["a"]));
    }
}
