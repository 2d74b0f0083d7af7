using System.Buffers.Binary;
using System.Text;

namespace LowRank.Tests.Tensors;

/// <summary>Writes safetensors bytes by hand, valid or not.</summary>
internal static class RawSafeTensors
{
    public static byte[] Bytes(string header, int dataBytes) => Bytes(header, new byte[dataBytes]);

    public static byte[] Bytes(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 8);
        data.CopyTo(bytes, 8 + json.Length);
        return bytes;
    }
}
