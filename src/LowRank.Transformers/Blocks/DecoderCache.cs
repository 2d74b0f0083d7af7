using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Keys and values of the tokens that a decoder has read, all rows equally far; owns its tensors.</summary>
/// <param name="layers">The decoder's layers.</param>
/// <param name="rows">The texts being written.</param>
internal sealed class DecoderCache(int layers, int rows) : IDisposable
{
    private const int FirstCapacity = 16;

    private readonly Memory[] _memories = [.. Enumerable.Range(0, layers).Select(_ => new Memory())];
    private int _rows = rows;
    private int _capacity = FirstCapacity;

    /// <summary>The texts being written.</summary>
    public int Rows => _rows;

    /// <summary>Tokens of each row, the one that is being read among them.</summary>
    public int Length { get; private set; }

    /// <summary>Where the tokens lie in what <see cref="Append"/> returns.</summary>
    public RowLayout Layout => RowLayout.Uniform(_rows, Length, _capacity);

    /// <summary>Begins the next token: makes room for it.</summary>
    public void Advance()
    {
        Length++;
        if (Length > _capacity)
        {
            _capacity *= 2;
            Rebuild(tensor => Grown(tensor));
        }
    }

    /// <summary>Adds the token's keys and values and gives those of all.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="memory">[rows, width] each.</param>
    /// <returns>Views [rows * capacity, width]; the caller's scope owns them.</returns>
    public (torch.Tensor Keys, torch.Tensor Values) Append(int layer, (torch.Tensor Keys, torch.Tensor Values) memory)
    {
        var kept = _memories[layer];
        kept.Keys ??= Empty(memory.Keys);
        kept.Values ??= Empty(memory.Values);
        return (Put(kept.Keys, memory.Keys), Put(kept.Values, memory.Values));
    }

    /// <summary>Takes these rows, in this order; a row may be taken twice or not at all.</summary>
    public void Select(IReadOnlyList<int> chosen)
    {
        using var scope = torch.NewDisposeScope();
        var index = _memories[0].Keys is { } first
            ? torch.tensor([.. chosen.Select(row => (long)row)], device: first.device)
            : null;
        _rows = chosen.Count;
        Rebuild(tensor => Moved(tensor, index!));
    }

    public void Dispose()
    {
        foreach (var memory in _memories)
        {
            memory.Keys?.Dispose();
            memory.Values?.Dispose();
        }
    }

    private void Rebuild(Func<torch.Tensor, torch.Tensor> make)
    {
        foreach (var memory in _memories.Where(memory => memory.Keys is not null))
        {
            var (keys, values) = (memory.Keys!, memory.Values!);
            memory.Keys = make(keys);
            memory.Values = make(values);
            keys.Dispose();
            values.Dispose();
        }
    }

    private torch.Tensor Put(torch.Tensor kept, torch.Tensor added)
    {
        using var place = kept.narrow(1, Length - 1, 1).squeeze(1);
        _ = place.copy_(added);
        return kept.view(_rows * _capacity, kept.size(2));
    }

    private torch.Tensor Empty(torch.Tensor like) =>
        torch.zeros([_rows, _capacity, like.size(1)], like.dtype, like.device).DetachFromDisposeScope();

    private torch.Tensor Grown(torch.Tensor kept)
    {
        using var scope = torch.NewDisposeScope();
        var grown = torch.zeros([_rows, _capacity, kept.size(2)], kept.dtype, kept.device);
        _ = grown.narrow(1, 0, kept.size(1)).copy_(kept);
        return grown.DetachFromDisposeScope();
    }

    // Only what has been read is moved.
    private torch.Tensor Moved(torch.Tensor kept, torch.Tensor index)
    {
        using var scope = torch.NewDisposeScope();
        var moved = torch.empty([_rows, _capacity, kept.size(2)], kept.dtype, kept.device);
        _ = moved.narrow(1, 0, Length).copy_(kept.narrow(1, 0, Length).index_select(0, index));
        return moved.DetachFromDisposeScope();
    }

    private sealed class Memory
    {
        public torch.Tensor? Keys { get; set; }

        public torch.Tensor? Values { get; set; }
    }
}
