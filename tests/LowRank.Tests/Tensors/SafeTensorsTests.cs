using System.Text;
using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.Tests.Tensors;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Write_SmallFile_HasExactlyTheReferenceBytes()
    {
        var path = _folder["w"];
        SafeTensors.Write(
            path,
            [TensorData.Of<byte>("a", [1, 2], 2), TensorData.Of<float>("é", [1f], 1), TensorData.Of<float>("b", [2f])],
            new Dictionary<string, string> { ["format"] = "pt" });
        var bytes = File.ReadAllBytes(path);
        var header = """
            {"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"é":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}
            """;
        var length = (int)BitConverter.ToInt64(bytes);
        Assert.Equal(0, length % 8);
        Assert.Equal(header, Encoding.UTF8.GetString(bytes, 8, length).TrimEnd(' '));
        Assert.Equal([0, 0, 0, 0x40, 0, 0, 0x80, 0x3F, 1, 2], bytes[(8 + length)..]);
    }

    [Fact]
    public void Write_AnotherOrder_GivesTheSameBytes()
    {
        TensorData[] tensors = [TensorData.Of<int>("x", [1], 1), TensorData.Of<int>("y", [2], 1), TensorData.Of<long>("z", [3], 1)];
        SafeTensors.Write(_folder["1"], tensors, new Dictionary<string, string> { ["k"] = "1", ["j"] = "2" });
        SafeTensors.Write(
            _folder["2"], tensors.Reverse(), new Dictionary<string, string> { ["j"] = "2", ["k"] = "1" });
        Assert.Equal(File.ReadAllBytes(_folder["1"]), File.ReadAllBytes(_folder["2"]));
    }

    [Fact]
    public void Write_NoTensors_ReadsBackEmpty()
    {
        SafeTensors.Write(_folder["none"], []);
        using var file = SafeTensorsFile.Open(_folder["none"]);
        Assert.Empty(file.Entries);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Write_NameTwice_IsRefusedAndLeavesTheOldFile()
    {
        var path = _folder["w"];
        File.WriteAllText(path, "old");
        var e = Assert.Throws<ArgumentException>(
            () => SafeTensors.Write(path, [TensorData.Of<int>("x", [1], 1), TensorData.Of<int>("x", [1], 1)]));
        Assert.StartsWith("tensor 'x': got the name twice; wanted distinct names.", e.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Write_ReservedOrInvalidName_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(_folder["w"], [TensorData.Of<int>("__metadata__", [1], 1)]));
        // Half a surrogate pair, built here since attribute texts cannot carry one.
        var half = new string((char)0xD800, 1);
        Assert.Throws<ArgumentException>(() => SafeTensors.Write(_folder["w"], [TensorData.Of<int>(half, [1], 1)]));
    }

    [Fact]
    public void Of_ShapeThatHoldsAnotherNumber_IsRefused()
    {
        var e = Assert.Throws<ArgumentException>(() => TensorData.Of<float>("w", [1, 2, 3], 2, 2));
        Assert.StartsWith(
            "tensor 'w': got 3 values; wanted as many as the shape [2, 2] holds.", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => TensorData.Of<float>("w", [], 1L << 40, 1L << 40));
        Assert.Throws<ArgumentException>(() => TensorData.Of<float>("w", [1], -1, -1));
        Assert.Throws<ArgumentException>(() => TensorData.Of<char>("w", ['x'], 1));
    }

    public void Dispose() => _folder.Dispose();
}
