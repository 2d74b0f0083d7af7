using System.Buffers.Binary;
using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.Tests.Tensors;

public sealed class SafeTensorsFileTests : IDisposable
{
    private const string OneTensor = """{"w":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}""";
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Open_HandWrittenFile_ReadsEntriesAndMetadata()
    {
        var header = """
            {"__metadata__":{"format":"pt"},"b":{"data_offsets":[4,12],"shape":[],"dtype":"I64"},
             "a":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]},
             "none":{"dtype":"U8","shape":[3,0],"data_offsets":[12,12]}}
            """;
        byte[] data = [0x00, 0x3C, 0x00, 0xC0, 7, 0, 0, 0, 0, 0, 0, 0];
        using var file = Open(RawSafeTensors.Bytes(header, data));

        Assert.Equal(["a", "b", "none"], file.Entries.Select(entry => entry.Name));
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([1L, 2L], file.Entry("a").Shape);
        Assert.Equal([(Half)1, (Half)(-2)], file.Read<Half>("a"));
        Assert.Equal([1f, -2f], file.ReadSingles("a"));
        Assert.Equal([7L], file.Read<long>("b"));
        Assert.Empty(file.Read<byte>("none"));
        Assert.Equal(data[..4], file.Bytes("a").ToArray());
        Assert.True(file.Contains("a"));
        Assert.False(file.Contains("A"));
    }

    [Fact]
    public void ReadSingles_EveryFloatFormat_Widens()
    {
        var path = _folder["x"];
        SafeTensors.Write(
            path,
            [
                TensorData.Of<float>("f32", [1.5f, -3f], 2), TensorData.Of<double>("f64", [1.5, -3], 2),
                TensorData.Of<Half>("f16", [(Half)1.5, (Half)(-3)], 2), TensorData.Of<ushort>("bf16", [0x3FC0, 0xC040], 2),
            ]);
        using var file = SafeTensorsFile.Open(path);
        Assert.All(file.Entries, entry => Assert.Equal([1.5f, -3f], file.ReadSingles(entry.Name)));
        Assert.Equal(TensorDtype.BF16, file.Entry("bf16").Dtype);
    }

    [Fact]
    public void CopyTo_Part_CopiesIt()
    {
        using var file = Open(RawSafeTensors.Bytes(OneTensor, [0, 1, 2, 3, 4, 5, 6, 7]));
        var part = new byte[3];
        file.CopyTo("w", 4, part);
        Assert.Equal([4, 5, 6], part);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo("w", 6, new byte[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.CopyTo("w", -1, new byte[3]));
    }

    [Fact]
    public void Entry_UnknownName_ListsWhatIsThere()
    {
        using var file = Open(RawSafeTensors.Bytes(OneTensor, 8));
        var e = Assert.Throws<InvalidDataException>(() => file.Entry("v"));
        Assert.Equal($"{file.Path}: tensor 'v': got no such tensor; wanted one of the 1 here: 'w'.", e.Message);
    }

    [Fact]
    public void Read_OtherDtype_NamesBoth()
    {
        using var file = Open(RawSafeTensors.Bytes(OneTensor, 8));
        var e = Assert.Throws<InvalidDataException>(() => file.Read<double>("w"));
        Assert.Equal($"{file.Path}: tensor 'w': got F32; wanted F64. Read it as Single.", e.Message);
        Assert.Throws<ArgumentException>(() => file.Read<char>("w"));
    }

    [Fact]
    public void Read_BooleanOtherThanZeroOrOne_IsRefused()
    {
        var header = """{"m":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""";
        using var file = Open(RawSafeTensors.Bytes(header, [0, 1, 2]));
        var e = Assert.Throws<InvalidDataException>(() => file.Read<bool>("m"));
        Assert.Contains("tensor 'm': got 2 as element 2; wanted 0 or 1 in BOOL.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AfterDispose_Throws()
    {
        var file = Open(RawSafeTensors.Bytes(OneTensor, 8));
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read<float>("w"));
        Assert.Throws<ObjectDisposedException>(() => file.Bytes("w").Length);
    }

    [Fact]
    public void Open_MissingFile_SaysSo()
    {
        var e = Assert.Throws<FileNotFoundException>(() => SafeTensorsFile.Open(_folder["absent"]));
        Assert.Contains("there is no such file", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Open_ShorterThanItsLengthField_IsRefused(int bytes) =>
        Refused(new byte[bytes], $"the header: got a file of {bytes} bytes; wanted at least 8.");

    [Fact]
    public void Open_HeaderLongerThanFile_IsRefused()
    {
        var bytes = RawSafeTensors.Bytes(OneTensor, 8);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, ulong.MaxValue);
        Refused(bytes, $"the header: got a length of 18446744073709551615 bytes; wanted at most {bytes.Length - 8}");
    }

    [Fact]
    public void Open_HeaderLongerThanTheFormatAllows_IsRefused()
    {
        var path = _folder["long"];
        using (var stream = File.Create(path))
        {
            stream.Write(BitConverter.GetBytes(100_000_001L));
            stream.SetLength(100_000_100);
        }

        var e = Assert.Throws<InvalidDataException>(() => SafeTensorsFile.Open(path));
        Assert.Contains("got a length of 100000001 bytes; wanted at most 100000000", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EveryTruncation_IsRefused()
    {
        var whole = RawSafeTensors.Bytes(OneTensor, 8);
        for (var length = 0; length < whole.Length; length++)
        {
            Refused(whole[..length], ": got ");
        }
    }

    [Theory]
    [InlineData("", 0, "the header: got another first character; wanted {")]
    [InlineData(" {}", 0, "the header: got another first character; wanted {")]
    [InlineData("[]", 0, "the header: got another first character; wanted {")]
    [InlineData("{", 0, "the header: got text that is not JSON")]
    [InlineData("{}{}", 0, "the header: got text that is not JSON")]
    [InlineData("{}", 1, "the data: got 1 bytes; wanted 0, as the header says (too long)")]
    [InlineData("""{"w":3}""", 0, "tensor 'w': got Number; wanted an object with dtype, shape and data_offsets")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1]}}""", 0, "tensor 'w': got an entry without all its fields")]
    [InlineData(
        """{"w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1,
        "tensor 'w': got the dtype 'F8_E4M3'; wanted one of BOOL, U8, I8, I16, F16, BF16, I32, F32, F64, I64.")]
    [InlineData("""{"w":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", 4, "got the dtype 'f32'")]
    [InlineData("""{"w":{"dtype":"1","shape":[1],"data_offsets":[0,4]}}""", 4, "got the dtype '1'")]
    [InlineData("""{"w":{"dtype":7,"shape":[1],"data_offsets":[0,4]}}""", 4, "got Number; wanted the dtype as a text")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "tensor 'w': got the field 'x'")]
    [InlineData("""{"w":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "got the field 'dtype'")]
    [InlineData("""{"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "got '-1' in shape")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "got '1.5' in shape")]
    [InlineData("""{"w":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "got String in shape")]
    [InlineData("""{"w":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4, "in shape")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,4]}}""", 4,
        "got shape [4611686018427387904, 4611686018427387904]; wanted fewer than 2^63 bytes")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,4]}}""", 4, "wanted fewer than 2^63 bytes")]
    [InlineData(
        """{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8,
        "tensor 'w': got 8 bytes; wanted 12, as F32 [3] takes")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "got data_offsets [4, 0]")]
    [InlineData("""{"w":{"dtype":"F32","shape":[1],"data_offsets":[4]}}""", 4, "got data_offsets [4]")]
    [InlineData("""{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 5, "got 5 bytes; wanted 8, as the header says (cut")]
    [InlineData("""{"w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "data from byte 1; wanted byte 0")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}""", 5,
        "tensor 'b': got data from byte 3; wanted byte 2, where the data before it ends (there is a hole)")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3,
        "tensor 'b': got data from byte 1; wanted byte 2, where the data before it ends (they overlap)")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2,
        "tensor 'a': got the name twice; wanted distinct names")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", 0, "__metadata__: got it twice")]
    [InlineData("""{"__metadata__":[]}""", 0, "__metadata__: got StartArray; wanted an object of texts")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "__metadata__ 'k': got Number; wanted a text")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "__metadata__ 'k': got the key twice")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "got text that is not JSON")]
    public void Open_MalformedHeader_IsRefusedByName(string header, int dataBytes, string message) =>
        Refused(RawSafeTensors.Bytes(header, dataBytes), message);

    [Fact]
    public void Open_InvalidUtf8_IsRefused()
    {
        var bytes = RawSafeTensors.Bytes("""{"?":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0);
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;
        Refused(bytes, "the header: got text that is not JSON");
    }

    [Fact]
    public void Open_DeeplyNestedHeader_IsRefused() =>
        Refused(RawSafeTensors.Bytes("{\"w\":" + new string('[', 100_000), 0), ": got ");

    [Fact]
    public void Open_HeaderPaddedWithSpaces_IsRead()
    {
        using var file = Open(RawSafeTensors.Bytes(OneTensor + "     ", 8));
        Assert.Equal([0f, 0f], file.Read<float>("w"));
    }

    public void Dispose() => _folder.Dispose();

    private SafeTensorsFile Open(byte[] bytes)
    {
        var path = _folder["file.safetensors"];
        File.WriteAllBytes(path, bytes);
        return SafeTensorsFile.Open(path);
    }

    private void Refused(byte[] bytes, string message)
    {
        var e = Assert.Throws<InvalidDataException>(() => Open(bytes).Dispose());
        Assert.StartsWith(_folder["file.safetensors"], e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }
}
