using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Pairs of source and target texts: the input of an encoder-decoder in training.</summary>
/// <remarks>
/// The decoder reads each target one place late, behind a start token, and is asked for the target itself: teacher
/// forcing. There is no padding, so every label counts. Owns its tensors.
/// </remarks>
public sealed class SourceTargetBatch : IDisposable
{
    private SourceTargetBatch(TokenBatch source, TokenBatch target, torch.Tensor labels)
    {
        Source = source;
        Target = target;
        Labels = labels;
    }

    /// <summary>Gets what the encoder reads.</summary>
    public TokenBatch Source { get; }

    /// <summary>Gets what the decoder reads: the start token and all of the target but its last token.</summary>
    public TokenBatch Target { get; }

    /// <summary>The largest label.</summary>
    internal int LargestLabel { get; private init; }

    /// <summary>Gets the targets end to end; shape <c>[target tokens]</c>, int64.</summary>
    public torch.Tensor Labels { get; }

    /// <summary>Gathers pairs into one batch.</summary>
    /// <param name="sources">Token ids of each source, end token included.</param>
    /// <param name="targets">Token ids of each target, end token included; as many as sources.</param>
    /// <param name="start">The id that opens a target, such as the padding token's for T5.</param>
    /// <param name="device">Where to put the tensors; the CPU when null.</param>
    /// <param name="dropout">The seed of the dropout masks; needed by a model in training mode, else null.</param>
    /// <returns>The batch; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">No pairs, an empty text, a negative id, or unequal numbers.</exception>
    public static SourceTargetBatch Create(
        IReadOnlyList<int[]> sources,
        IReadOnlyList<int[]> targets,
        int start,
        torch.Device? device = null,
        Seed? dropout = null)
    {
        Check.NotNull(sources);
        Check.NotNull(targets);
        Check.AtLeast(start, 0);
        Check.That(
            sources.Count == targets.Count,
            nameof(targets),
            $"targets: got {targets.Count}; wanted {sources.Count}, one for each source.");
        for (var row = 0; row < targets.Count; row++)
        {
            Check.That(targets[row].Length > 0, nameof(targets), $"targets: row {row} is empty; wanted a token.");
            Check.That(
                Array.TrueForAll(targets[row], id => id >= 0),
                nameof(targets),
                $"targets: row {row} holds a negative token id.");
        }

        var source = TokenBatch.Create(sources, null, device, dropout?.For("source"));
        int[][] shifted = [.. targets.Select(target => (int[])[start, .. target.AsSpan(..^1)])];
        var target = TokenBatch.Create(shifted, null, device, dropout?.For("target"));
        var labels = targets.SelectMany(row => row).Select(id => (long)id).ToArray();
        return new(source, target, torch.tensor(labels, device: device ?? torch.CPU).DetachFromDisposeScope())
        {
            LargestLabel = (int)labels.Max(),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Source.Dispose();
        Target.Dispose();
        Labels.Dispose();
    }
}
