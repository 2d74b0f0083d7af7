using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LowRank.FineTuning.Data;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.FineTuning.Training;

/// <summary>Sources and target texts as token ids, encoded once.</summary>
internal sealed class EncodedPairs
{
    private readonly int[][] _sources;
    private readonly int[][] _targets;

    public EncodedPairs(IReadOnlyList<Example> examples, TextEncoder encoder, int maxLength, GeneratorOptions options)
    {
        _sources = [.. examples.Select(example => encoder.Encode(options.Prefix + example.Text, maxLength: maxLength).Ids)];
        _targets =
        [
            .. examples.Select(example => encoder.Encode(example.TargetText ?? "", maxLength: options.MaxTargetLength).Ids),
        ];
        Lengths = [.. _sources.Zip(_targets, (source, target) => source.Length + target.Length)];
    }

    public int Count => _sources.Length;

    /// <summary>Tokens of source and target together.</summary>
    public int[] Lengths { get; }

    /// <summary>Tokens of a target, its end token included.</summary>
    public int TargetLength(int row) => _targets[row].Length;

    /// <summary>Some pairs as a batch; the caller disposes it.</summary>
    public SourceTargetBatch Batch(IReadOnlyList<int> rows, int start, torch.Device device, Seed? dropout = null) =>
        SourceTargetBatch.Create(
            [.. rows.Select(row => _sources[row])], [.. rows.Select(row => _targets[row])], start, device, dropout);

    /// <summary>A digest of all ids.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var row = 0; row < Count; row++)
        {
            hash.AppendData(MemoryMarshal.AsBytes<int>(_sources[row]));
            hash.AppendData([0xff]);
            hash.AppendData(MemoryMarshal.AsBytes<int>(_targets[row]));
            hash.AppendData([0xfe]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
