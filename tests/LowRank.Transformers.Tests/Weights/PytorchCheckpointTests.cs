using System.Text;
using LowRank.Tensors;
using LowRank.Testing;
using LowRank.Transformers.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.Transformers.Tests.Weights;

public sealed class PytorchCheckpointTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Read_ContiguousAndStridedAndSharedViews_AreRight()
    {
        var path = new TorchZip().Start()
            .Text("whole").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])
            .Text("transposed").Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])
            .Text("column").Tensor("FloatStorage", "0", 6, 1, [2], [3])
            .Text("scalar").Tensor("FloatStorage", "0", 6, 5, [], [])
            .Text("none").Tensor("FloatStorage", "0", 6, 0, [0, 4], [4, 1])
            .Text("repeated row").Tensor("FloatStorage", "0", 6, 3, [2, 3], [0, 1])
            .End()
            .Data("0", TorchZip.Floats(0, 1, 2, 3, 4, 5))
            .Save(_folder["pytorch_model.bin"]);
        using var source = PytorchCheckpoint.Open(path);
        using var map = source.ReadAll();

        Assert.Equal(["whole", "transposed", "column", "scalar", "none", "repeated row"], map.Names);
        Assert.All(map, pair => Assert.True(pair.Value.is_contiguous()));
        Assert.Equal([0f, 1, 2, 3, 4, 5], map["whole"].data<float>());
        Assert.Equal([3L, 2L], map["transposed"].shape);
        Assert.Equal([0f, 3, 1, 4, 2, 5], map["transposed"].data<float>());
        Assert.Equal([1f, 4], map["column"].data<float>());
        Assert.Equal(5f, map["scalar"].item<float>());
        Assert.Equal([0L, 4L], map["none"].shape);
        Assert.Equal([3f, 4, 5, 3, 4, 5], map["repeated row"].data<float>());
    }

    [Theory]
    [InlineData("DoubleStorage", TensorDtype.F64)]
    [InlineData("FloatStorage", TensorDtype.F32)]
    [InlineData("HalfStorage", TensorDtype.F16)]
    [InlineData("BFloat16Storage", TensorDtype.BF16)]
    [InlineData("LongStorage", TensorDtype.I64)]
    [InlineData("IntStorage", TensorDtype.I32)]
    [InlineData("ShortStorage", TensorDtype.I16)]
    [InlineData("CharStorage", TensorDtype.I8)]
    [InlineData("ByteStorage", TensorDtype.U8)]
    [InlineData("BoolStorage", TensorDtype.Bool)]
    public void Read_EveryStorage_GivesItsBytes(string type, TensorDtype dtype)
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)1, 2 * dtype.ByteSize())];
        var path = new TorchZip().Start().Text("t").Tensor(type, "0", 2, 0, [2], [1]).End().Data("0", bytes)
            .Save(_folder["m.bin"]);
        using var source = PytorchCheckpoint.Open(path);
        using var tensor = source.Read("t");
        Assert.Equal(dtype.ToScalarType(), tensor.dtype);
        Assert.Equal(bytes, tensor.bytes.ToArray());
        Assert.Equal(dtype, Assert.Single(source.Entries).Dtype);
    }

    [Fact]
    public void Open_OrderedDictionaryWithParametersAndMetadata_IsRead()
    {
        // What torch.save(module.state_dict()) writes: an OrderedDict that is given _metadata by BUILD.
        var zip = new TorchZip { Root = "pytorch_model" }.Op(0x80, 2).Global("collections", "OrderedDict").Op(')').Op('R')
            .Op('q').Op(0).Op('(')
            .Text("w").Global("torch._utils", "_rebuild_parameter").Op('(')
            .Tensor("FloatStorage", "7", 1, 0, [1], [1]).Op(0x88).Global("collections", "OrderedDict").Op(')').Op('R')
            .Op('t').Op('R').Op('u')
            .Op('}').Text("_metadata").Global("collections", "OrderedDict").Op(')').Op('R')
            .Text("").Op('}').Text("version").Op('K').Op(1).Op('s').Op('s').Op('s').Op('b').Op('.');
        var path = zip.File("byteorder", "little"u8.ToArray()).File("version", "3\n"u8.ToArray())
            .Data("7", TorchZip.Floats(2.5f)).Save(_folder["m.bin"]);
        using var source = PytorchCheckpoint.Open(path);
        using var tensor = source.Read("w");
        Assert.Equal(2.5f, tensor.item<float>());
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "ComplexFloatStorage")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("argparse", "Namespace")]
    public void Open_AnyOtherGlobal_IsRefusedByName(string module, string name)
    {
        var path = new TorchZip().Op(0x80, 2).Global(module, name).Text("x").Op(0x85).Op('R').Op('.').Save(_folder["m.bin"]);
        Refused(path, $"archive/data.pkl: got a reference to '{module}.{name}'; wanted tensors, their storages");
    }

    [Fact]
    public void Open_GlobalFromTheStack_IsRefusedByName()
    {
        var path = new TorchZip().Op(0x80, 4).Op(0x8c, 2).Op("os"u8.ToArray()).Op(0x8c, 6).Op("system"u8.ToArray())
            .Op(0x93).Op('.').Save(_folder["m.bin"]);
        Refused(path, "got a reference to 'os.system'");
    }

    [Theory]
    [InlineData((byte)'i')]
    [InlineData((byte)'o')]
    [InlineData((byte)'P')]
    [InlineData((byte)0x81)]
    [InlineData((byte)0x82)]
    [InlineData((byte)0x92)]
    public void Open_OpcodesThatMakeObjects_AreRefused(byte opcode) =>
        Refused(new TorchZip().Op(0x80, 2).Op(opcode).Op('.').Save(_folder["m.bin"]), $"got the opcode 0x{opcode:x2}");

    [Fact]
    public void Open_CallOfSomethingThatIsNoFunction_IsRefused() =>
        Refused(new TorchZip().Op(0x80, 2).Text("f").Op(')').Op('R').Op('.').Save(_folder["m.bin"]), "got a text; wanted a function");

    [Fact]
    public void Open_CallWithUnknownArguments_IsRefused() =>
        Refused(
            new TorchZip().Op(0x80, 2).Global("torch._utils", "_rebuild_tensor_v2").Op(')').Op('R').Op('.').Save(_folder["m.bin"]),
            "got a call of 'torch._utils._rebuild_tensor_v2' with unknown arguments");

    [Theory]
    [InlineData(7, 0, new long[] { 2, 3 }, new long[] { 3, 1 }, "got 24 bytes in 'archive/data/0'; wanted 28")]
    [InlineData(6, 1, new long[] { 2, 3 }, new long[] { 3, 1 }, "at 1; wanted one within its storage '0' of 6 elements")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 4, 1 }, "with strides [4, 1]")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 1 }, "with strides [1]")]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 3, -1 }, "in a tensor's shape or strides")]
    [InlineData(6, -1, new long[] { 2 }, new long[] { 1 }, "at -1")]
    [InlineData(6, 0, new long[] { 1L << 40 }, new long[] { 0 }, "a tensor of [1099511627776]")]
    [InlineData(6, 0, new long[] { 1L << 62, 1L << 62 }, new long[] { 0, 0 }, "a tensor of [4611686018427387904")]
    [InlineData(6, 0, new long[] { 2 }, new long[] { long.MaxValue }, "with strides [9223372036854775807]")]
    [InlineData(-6, 0, new long[] { 2 }, new long[] { 1 }, "got a persistent id of another form")]
    public void Open_TensorThatItsStorageCannotHold_IsRefused(
        long count, long offset, long[] shape, long[] strides, string message) =>
        Refused(
            new TorchZip().Start().Text("w").Tensor("FloatStorage", "0", count, offset, shape, strides).End()
                .Data("0", new byte[24]).Save(_folder["m.bin"]),
            message);

    [Fact]
    public void Open_StorageWithoutItsFile_IsRefused() =>
        Refused(
            new TorchZip().Start().Text("w").Tensor("FloatStorage", "9", 1, 0, [1], [1]).End().Save(_folder["m.bin"]),
            "tensor 'w': got no file 'archive/data/9' in the zip; wanted 4, as 1 elements of F32 take");

    [Fact]
    public void Open_TrainingCheckpoint_SaysToSaveTheStateDictionary() =>
        Refused(
            new TorchZip().Start().Text("epoch").Op('K').Op(3).End().Save(_folder["m.bin"]),
            "got a number under 'epoch'; wanted tensors only. If this is a training checkpoint, save its state_dict");

    [Fact]
    public void Open_OtherTopLevel_IsRefused()
    {
        Refused(new TorchZip().Op(0x80, 2).Op(']').Op('.').Save(_folder["m.bin"]), "got another value than a dictionary");
        Refused(new TorchZip().Start().Op('K').Op(1).Op('K').Op(1).End().Save(_folder["m.bin"]), "got a number as a name");
        Refused(new TorchZip().Start().Op('K').Op(1).End().Save(_folder["m.bin"]), "got a key without its value");
    }

    [Fact]
    public void Open_NameTwice_IsRefused() =>
        Refused(
            new TorchZip().Start()
                .Text("w").Tensor("FloatStorage", "0", 1, 0, [1], [1])
                .Text("w").Tensor("FloatStorage", "0", 1, 0, [1], [1]).End()
                .Data("0", new byte[4]).Save(_folder["m.bin"]),
            "got the name 'w' twice");

    [Fact]
    public void Open_TorchScript_IsRefused() =>
        Refused(
            new TorchZip().Start().End().File("constants.pkl", [1]).Save(_folder["m.bin"]), "got a TorchScript program");

    [Fact]
    public void Open_BigEndian_IsRefused() =>
        Refused(
            new TorchZip().Start().End().File("byteorder", "big"u8.ToArray()).Save(_folder["m.bin"]),
            "got numbers in the byte order 'big'; wanted 'little'");

    [Fact]
    public void Open_LegacyFormat_SaysHowToConvert()
    {
        var path = _folder["old.bin"];
        File.WriteAllBytes(
            path, [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e, 0x80, 2]);
        Refused(path, "got the checkpoint format of torch before 1.6; wanted its successor, a zip. In Python: torch.save(");
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("not a checkpoint at all")]
    [InlineData("PK but no zip")]
    public void Open_OtherBytes_AreRefused(string text)
    {
        var path = _folder["m.bin"];
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(text));
        Refused(path, text.StartsWith("PK", StringComparison.Ordinal) ? "got a damaged zip" : "got a file that is no zip");
    }

    [Fact]
    public void Open_EveryTruncation_IsRefused()
    {
        var whole = File.ReadAllBytes(Small());
        var path = _folder["cut.bin"];
        for (var length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(path, whole[..length]);
            Refused(path, ": got ");
        }
    }

    [Fact]
    public void Read_TruthValueOtherThanZeroOrOne_IsRefused()
    {
        var path = new TorchZip().Start().Text("m").Tensor("BoolStorage", "0", 2, 0, [2], [1]).End()
            .Data("0", [1, 2]).Save(_folder["m.bin"]);
        using var source = PytorchCheckpoint.Open(path);
        var e = Assert.Throws<InvalidDataException>(() => source.Read("m"));
        Assert.Contains("tensor 'm': got bytes other than 0 and 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_UnknownName_IsRefused()
    {
        using var source = PytorchCheckpoint.Open(Small());
        var e = Assert.Throws<InvalidDataException>(() => source.Read("v"));
        Assert.EndsWith("tensor 'v': got no such tensor; wanted one of the 1 here.", e.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => PytorchCheckpoint.Open(_folder["absent.bin"]));
    }

    [Fact]
    public void ReadAll_LeavesOnlyTheMapBehind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var source = PytorchCheckpoint.Open(Small()))
        {
            source.ReadAll().Dispose();
            using var scope = NewDisposeScope();
            Assert.Equal(3f, source.Read("w")[1].item<float>());
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    public void Dispose() => _folder.Dispose();

    private string Small() =>
        new TorchZip().Start().Text("w").Tensor("FloatStorage", "0", 2, 0, [2], [1]).End()
            .Data("0", TorchZip.Floats(2, 3)).Save(_folder["small.bin"]);

    private static void Refused(string path, string message)
    {
        var e = Assert.Throws<InvalidDataException>(() => PytorchCheckpoint.Open(path).Dispose());
        Assert.StartsWith(path, e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }
}
