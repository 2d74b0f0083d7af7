using CsCheck;
using LowRank.Testing;
using LowRank.Transformers.Weights;

namespace LowRank.Transformers.Tests.Weights;

public sealed class PytorchCheckpointProperties : IDisposable
{
    private const string FuzzSeed = "0000KOIPe036";
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void Read_AnyDamageToAPickle_ThrowsInvalidDataOnly()
    {
        var valid = new TorchZip().Start()
            .Text("a").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]).Op('q').Op(1)
            .Text("b").Op('h').Op(1).Op(']').Op('K').Op(1).Op('a').Op('0').End().Pickle();
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[0, 3], Gen.Byte.Array[0, 3]).Sample(
            (at, remove, insert) =>
            {
                var end = Math.Min(at + remove, valid.Length);
                ReadsOrIsRefused([.. valid[..at], .. insert, .. valid[end..]]);
            },
            seed: FuzzSeed,
            iter: 50_000);
    }

    [Fact]
    public void Read_AnyOpcodes_ThrowsInvalidDataOnly()
    {
        const string Opcodes = ".NKMJGXU(})]tlaesuqrhj0cQRb\u0080\u0085\u0086\u0087\u0088\u0089\u008a\u008c\u0093\u0094\u0095";
        Gen.Select(Gen.Int[0, Opcodes.Length - 1].Array[0, 30], Gen.Byte.Array[0, 8]).Sample(
            (opcodes, rest) => ReadsOrIsRefused([.. opcodes.Select(i => (byte)Opcodes[i]), .. rest]),
            seed: FuzzSeed,
            iter: 50_000);
    }

    [Fact]
    public void Open_AnyDamageToAFile_ThrowsInvalidDataOnly()
    {
        var path = new TorchZip().Start().Text("a").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]).End()
            .Data("0", new byte[24]).Save(_folder["whole.bin"]);
        var valid = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte).Sample(
            (at, value) =>
            {
                var bytes = valid.ToArray();
                bytes[at] = value;
                var damaged = _folder[$"{Guid.NewGuid():N}.bin"];
                File.WriteAllBytes(damaged, bytes);
                try
                {
                    using var source = PytorchCheckpoint.Open(damaged);
                    source.ReadAll().Dispose();
                }
                catch (InvalidDataException)
                {
                }

                File.Delete(damaged);
            },
            seed: FuzzSeed,
            iter: 2_000);
    }

    public void Dispose() => _folder.Dispose();

    private static void ReadsOrIsRefused(byte[] pickle)
    {
        try
        {
            PickleReader.Read(pickle, "fuzz");
        }
        catch (InvalidDataException e)
        {
            Assert.StartsWith("fuzz", e.Message, StringComparison.Ordinal);
        }
    }
}
