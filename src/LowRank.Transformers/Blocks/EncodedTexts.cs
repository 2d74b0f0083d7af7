using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Sources as the encoder left them, and what the decoder's layers see in them.</summary>
/// <param name="states">Hidden states [tokens, hidden]; owned here.</param>
/// <param name="layout">Where each source lies.</param>
/// <param name="keeps">Whether keys and values are made once and kept, for generation.</param>
internal sealed class EncodedTexts(torch.Tensor states, RowLayout layout, bool keeps = false) : IDisposable
{
    private readonly SortedList<int, (torch.Tensor Keys, torch.Tensor Values)> _memories = [];

    public RowLayout Layout => layout;

    /// <summary>The rows of all targets of each source: a source may have several, one after another.</summary>
    public RowLayout Askers(TokenBatch targets)
    {
        var each = targets.Rows / layout.Texts;
        return each == 1 ? targets.Layout : RowLayout.Packed([.. targets.Offsets.Where((_, row) => row % each == 0)]);
    }

    /// <summary>A layer's keys and values; owned here when they are kept, else by the caller's scope.</summary>
    public (torch.Tensor Keys, torch.Tensor Values) Memory(
        int layer, Func<torch.Tensor, (torch.Tensor Keys, torch.Tensor Values)> make)
    {
        if (!keeps)
        {
            return make(states);
        }

        if (!_memories.TryGetValue(layer, out var memory))
        {
            var (keys, values) = make(states);
            memory = (keys.DetachFromDisposeScope(), values.DetachFromDisposeScope());
            _memories.Add(layer, memory);
        }

        return memory;
    }

    /// <summary>Some of the sources, with what was made of them; the caller disposes it.</summary>
    public EncodedTexts Select(IReadOnlyList<int> texts)
    {
        var offsets = new int[texts.Count + 1];
        for (var i = 0; i < texts.Count; i++)
        {
            offsets[i + 1] = offsets[i] + layout.Length(texts[i]);
        }

        using var scope = torch.NewDisposeScope();
        var rows = texts.SelectMany(text => Enumerable.Range(layout.Start(text), layout.Length(text)));
        var index = torch.tensor([.. rows.Select(row => (long)row)], device: states.device);
        torch.Tensor Part(torch.Tensor whole) => whole.index_select(0, index).DetachFromDisposeScope();
        var selected = new EncodedTexts(Part(states), RowLayout.Packed(offsets), keeps);
        foreach (var (layer, memory) in _memories)
        {
            selected._memories.Add(layer, (Part(memory.Keys), Part(memory.Values)));
        }

        return selected;
    }

    public void Dispose()
    {
        states.Dispose();
        layout.Dispose();
        foreach (var (keys, values) in _memories.Values)
        {
            keys.Dispose();
            values.Dispose();
        }
    }
}
