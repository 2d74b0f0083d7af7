using System.Text;
using CsCheck;
using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.Tests.Tensors;

public sealed class SafeTensorsProperties : IDisposable
{
    private const string FuzzSeed = "0000KOIPe036";
    private readonly ScratchFolder _folder = new();

    private static readonly Gen<TensorData> GenTensor =
        from name in Gen.String[Gen.Char["abé\"\\.\u0001 漢"], 0, 6]
        from rows in Gen.Int[0, 4]
        from dtype in Gen.Int[0, 4]
        from bytes in Gen.Byte.Array[rows * 3 * 8]
        select Make(name, rows, dtype, bytes);

    [Fact]
    public void WriteThenOpen_AnyTensors_GivesThemBack() =>
        Gen.Select(GenTensor.Array[0, 5], Gen.Dictionary(Gen.String[Gen.Char["aé\n"], 0, 4], Gen.String.AlphaNumeric)[0, 3])
            .Sample(
                (tensors, metadata) =>
                {
                    tensors = [.. tensors.DistinctBy(tensor => tensor.Name)];
                    var path = _folder[$"{Guid.NewGuid():N}"];
                    SafeTensors.Write(path, tensors, metadata);
                    using (var file = SafeTensorsFile.Open(path))
                    {
                        Assert.Equal(metadata, file.Metadata);
                        Assert.Equal(tensors.Length, file.Entries.Count);
                        foreach (var tensor in tensors)
                        {
                            var written = new MemoryStream();
                            tensor.WriteTo(written);
                            Assert.Equal(tensor.Shape, file.Entry(tensor.Name).Shape);
                            Assert.Equal(tensor.Dtype, file.Entry(tensor.Name).Dtype);
                            Assert.Equal(written.ToArray(), file.Bytes(tensor.Name).ToArray());
                        }
                    }

                    File.Delete(path);
                },
                iter: 200);

    [Fact]
    public void Parse_AnyBytes_ThrowsInvalidDataOnly() =>
        Gen.Byte.Array[0, 60].Sample(bytes => ParsesOrIsRefused(bytes, 8), seed: FuzzSeed, iter: 3_000);

    [Fact]
    public void Parse_AnyDamageToAValidHeader_ThrowsInvalidDataOnly()
    {
        var valid = Encoding.UTF8.GetBytes(
            """{"__metadata__":{"f":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[0],"data_offsets":[8,8]}}""");
        var token = Gen.Int[0, 14].Select(i => new[] { "{", "}", "[", "]", "\"", ",", ":", "-", "9", "e", "\\u", "null", "1e400", "\xff", "" }[i]);
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[0, 4], token, Gen.Long).Sample(
            (at, remove, insert, dataLength) =>
            {
                var end = Math.Min(at + remove, valid.Length);
                byte[] damaged = [.. valid[..at], .. Encoding.Latin1.GetBytes(insert), .. valid[end..]];
                ParsesOrIsRefused(damaged, dataLength % 3 == 0 ? 8 : dataLength & long.MaxValue);
            },
            seed: FuzzSeed,
            iter: 20_000);
    }

    [Fact]
    public void Open_AnyBytes_ThrowsInvalidDataOnly() =>
        Gen.Select(Gen.Int[0, 40], Gen.Byte.Array[0, 40]).Sample(
            (length, rest) =>
            {
                var path = _folder[$"{Guid.NewGuid():N}"];
                File.WriteAllBytes(path, [.. BitConverter.GetBytes((long)length), .. rest]);
                try
                {
                    SafeTensorsFile.Open(path).Dispose();
                }
                catch (InvalidDataException)
                {
                }

                File.Delete(path);
            },
            seed: FuzzSeed,
            iter: 500);

    public void Dispose() => _folder.Dispose();

    private static void ParsesOrIsRefused(byte[] header, long dataLength)
    {
        try
        {
            SafeTensorsHeader.Parse(header, dataLength, "fuzz");
        }
        catch (InvalidDataException e)
        {
            Assert.StartsWith("fuzz: ", e.Message, StringComparison.Ordinal);
        }
    }

    private static TensorData Make(string name, int rows, int dtype, byte[] bytes) => dtype switch
    {
        0 => TensorData.Of(name, Take<float>(bytes, 4, rows * 3), rows, 3),
        1 => TensorData.Of(name, Take<long>(bytes, 8, rows * 3), rows, 3),
        2 => TensorData.Of(name, Take<ushort>(bytes, 2, rows * 3), 3, rows),
        3 => TensorData.Of(name, Take<byte>(bytes, 1, rows * 3), rows, 1, 3),
        _ => TensorData.Of(name, new[] { rows > 2 }),
    };

    private static T[] Take<T>(byte[] bytes, int size, int count)
        where T : unmanaged
    {
        var values = new T[count];
        Buffer.BlockCopy(bytes, 0, values, 0, count * size);
        return values;
    }
}
