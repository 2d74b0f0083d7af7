using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.FineTuning.Training;

/// <summary>Examples as token ids, encoded once.</summary>
internal sealed class EncodedExamples
{
    private readonly TokenizedText[] _texts;

    public EncodedExamples(ExampleSet examples, TextEncoder encoder, int maxLength)
    {
        _texts = [.. examples.Examples.Select(example => encoder.Encode(example.Text, example.TextPair, maxLength))];
        Targets = [.. examples.Examples.Select(example => example.Target ?? double.NaN)];
        Lengths = [.. _texts.Select(text => text.Ids.Length)];
    }

    public int Count => _texts.Length;

    public double[] Targets { get; }

    public int[] Lengths { get; }

    /// <summary>Some examples as a packed batch; the caller disposes it.</summary>
    public TokenBatch Batch(IReadOnlyList<int> rows, torch.Device device, Seed? dropout = null) => TokenBatch.Create(
        [.. rows.Select(row => _texts[row].Ids)], [.. rows.Select(row => _texts[row].TypeIds)], device, dropout);

    /// <summary>A digest of all ids and targets.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> target = stackalloc byte[sizeof(double)];
        for (var row = 0; row < _texts.Length; row++)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>(_texts[row].Ids));
            hash.AppendData(MemoryMarshal.AsBytes<int>(_texts[row].TypeIds));
            BinaryPrimitives.WriteDoubleLittleEndian(target, Targets[row]);
            hash.AppendData(target);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
