using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Weights;

namespace LowRank.Transformers.Tests.Weights;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Find_SeveralFormats_PrefersSafeTensors()
    {
        foreach (var name in CheckpointFolder.FileNames.Reverse())
        {
            File.WriteAllText(_folder[name], "");
            Assert.Equal(_folder[name], CheckpointFolder.Find(_folder.Path));
        }
    }

    [Fact]
    public void Open_EachFormat_GivesTheSameNumbers()
    {
        Save("model.safetensors", ("w", 2f));
        using (var source = CheckpointFolder.Open(_folder.Path))
        {
            Assert.Equal(2f, First(source));
        }

        File.Delete(_folder["model.safetensors"]);
        new TorchZip().Start().Text("w").Tensor("FloatStorage", "0", 1, 0, [1], [1]).End()
            .Data("0", TorchZip.Floats(3)).Save(_folder["pytorch_model.bin"]);
        using (var source = CheckpointFolder.Open(_folder.Path))
        {
            Assert.Equal(3f, First(source));
        }
    }

    [Theory]
    [InlineData("tf_model.h5", "'tf_model.h5' cannot be read: convert the model to model.safetensors")]
    [InlineData("adapter_model.safetensors", "This is the folder of an adapter")]
    [InlineData("config.json", "Files here: config.json. Fetch the weights into the folder")]
    public void Open_FolderWithoutWeights_SaysWhatToDo(string file, string remedy)
    {
        File.WriteAllText(_folder[file], "");
        var e = Assert.Throws<FileNotFoundException>(() => CheckpointFolder.Open(_folder.Path));
        Assert.Equal(_folder["model.safetensors"], e.FileName);
        Assert.Contains("got no weights; wanted model.safetensors or", e.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoFolder_SaysSo() =>
        Assert.Throws<DirectoryNotFoundException>(() => CheckpointFolder.Open(_folder["absent"]));

    [Fact]
    public void Open_PointerOfLfs_SaysHowToGetTheFile()
    {
        File.WriteAllText(_folder["model.safetensors"], "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
        var e = Assert.Throws<InvalidDataException>(() => CheckpointFolder.Open(_folder.Path));
        Assert.Contains("got a pointer of Git LFS", e.Message, StringComparison.Ordinal);
        Assert.Contains("git lfs pull", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenFile_OtherEnding_IsRefused() =>
        Assert.Throws<ArgumentException>(() => CheckpointFolder.OpenFile(_folder["weights.h5"]));

    [Theory]
    [InlineData("model.safetensors.index.json")]
    [InlineData("pytorch_model.bin.index.json")]
    public void Open_Shards_ReadsEachFromItsFile(string index)
    {
        Save("model-00001-of-00002.safetensors", ("a", 1f), ("b", 2f));
        Save("model-00002-of-00002.safetensors", ("c", 3f));
        Index(index, ("a", "model-00001-of-00002.safetensors"), ("b", "model-00001-of-00002.safetensors"),
            ("c", "model-00002-of-00002.safetensors"));
        using var source = CheckpointFolder.Open(_folder.Path);
        using var map = source.ReadAll();
        Assert.Equal(["a", "b", "c"], map.Names);
        Assert.Equal([1f, 2f, 3f], map.Select(pair => pair.Value.item<float>()));
        Assert.Throws<InvalidDataException>(() => source.Read("d"));
        Assert.Equal(
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
            ShardedCheckpoint.Files(_folder[index]));
    }

    [Fact]
    public void Open_MissingShards_ListsThem()
    {
        Save("model-1.safetensors", ("a", 1f));
        Index("model.safetensors.index.json",
            ("a", "model-1.safetensors"), ("b", "model-2.safetensors"), ("c", "model-3.safetensors"));
        var e = Assert.Throws<FileNotFoundException>(() => CheckpointFolder.Open(_folder.Path));
        Assert.Contains(
            "got 1 of 3 files; missing: model-2.safetensors, model-3.safetensors.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_IndexThatDisagreesWithTheFiles_IsRefused()
    {
        Save("model-1.safetensors", ("a", 1f), ("x", 1f));
        Index("model.safetensors.index.json", ("a", "model-1.safetensors"));
        Refused("tensor 'x': got it in 'model-1.safetensors'; wanted it in 'no file', as the index says.");

        Index("model.safetensors.index.json",
            ("a", "model-1.safetensors"), ("x", "model-1.safetensors"), ("y", "model-1.safetensors"));
        Refused("tensor 'y': got none in 'model-1.safetensors'; wanted it there");
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/model.safetensors")]
    [InlineData("..\\model.safetensors")]
    [InlineData("C:model.safetensors")]
    [InlineData("passwd")]
    [InlineData(".safetensors")]
    [InlineData("")]
    public void Open_IndexThatReachesElsewhere_IsRefused(string file)
    {
        Index("model.safetensors.index.json", ("a", file.Replace("\\", "\\\\", StringComparison.Ordinal)));
        Refused($"weight_map: got the file '{file}'; wanted a plain");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"weight_map":3}""")]
    [InlineData("""{"weight_map":{"a":3}}""")]
    [InlineData("""{"weight_map":{"a":"x.bin","a":"y.bin"}}""")]
    public void Open_DamagedIndex_IsRefused(string json)
    {
        File.WriteAllText(_folder["model.safetensors.index.json"], json);
        Refused("got an index that cannot be read");
    }

    public void Dispose() => _folder.Dispose();

    private static float First(TensorSource source)
    {
        using var tensor = source.Read("w");
        return tensor.item<float>();
    }

    private void Save(string file, params (string Name, float Value)[] tensors) =>
        SafeTensors.Write(_folder[file], tensors.Select(tensor => TensorData.Of(tensor.Name, new[] { tensor.Value }, 1)));

    private void Index(string file, params (string Name, string File)[] map)
    {
        var items = string.Join(",", map.Select(item => $"\"{item.Name}\":\"{item.File}\""));
        File.WriteAllText(_folder[file], "{\"metadata\":{\"total_size\":4},\"weight_map\":{" + items + "}}");
    }

    private void Refused(string message)
    {
        var e = Assert.Throws<InvalidDataException>(() => CheckpointFolder.Open(_folder.Path));
        Assert.StartsWith(_folder["model.safetensors.index.json"], e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }
}
