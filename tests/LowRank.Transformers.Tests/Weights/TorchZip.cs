using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace LowRank.Transformers.Tests.Weights;

/// <summary>Writes what <c>torch.save</c> writes, opcode by opcode, so that every odd form can be made too.</summary>
internal sealed class TorchZip
{
    private readonly List<byte> _pickle = [];
    private readonly List<(string Name, byte[] Bytes)> _files = [];

    public string Root { get; init; } = "archive";

    public static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    public TorchZip Op(params byte[] bytes)
    {
        _pickle.AddRange(bytes);
        return this;
    }

    public TorchZip Op(char opcode) => Op((byte)opcode);

    /// <summary>PROTO 2, EMPTY_DICT, MARK.</summary>
    public TorchZip Start() => Op(0x80, 2).Op('}').Op('(');

    /// <summary>SETITEMS, STOP.</summary>
    public TorchZip End() => Op('u').Op('.');

    public TorchZip Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Op('X').Op(length).Op(utf8);
    }

    public TorchZip Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Op(0x8a, 8).Op(bytes);
    }

    public TorchZip Numbers(params long[] values)
    {
        Op('(');
        foreach (var value in values)
        {
            Number(value);
        }

        return Op('t');
    }

    public TorchZip Global(string module, string name) => Op('c').Op(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public TorchZip Storage(string type, string key, long count) =>
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Number(count).Op('t').Op('Q');

    /// <summary>A view of a storage, as _rebuild_tensor_v2 takes it.</summary>
    public TorchZip Tensor(string type, string key, long count, long offset, long[] shape, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage(type, key, count).Number(offset)
            .Numbers(shape).Numbers(strides).Op(0x89).Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');

    public TorchZip File(string name, byte[] bytes)
    {
        _files.Add(($"{Root}/{name}", bytes));
        return this;
    }

    public TorchZip Data(string key, byte[] bytes) => File($"data/{key}", bytes);

    public byte[] Pickle() => [.. _pickle];

    public string Save(string path, byte[]? pickle = null)
    {
        using var zip = new ZipArchive(System.IO.File.Create(path), ZipArchiveMode.Create);
        foreach (var (name, bytes) in _files.Prepend(($"{Root}/data.pkl", pickle ?? Pickle())))
        {
            using var stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            stream.Write(bytes);
        }

        return path;
    }
}
