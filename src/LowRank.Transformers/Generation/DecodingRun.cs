using LowRank.Transformers.Blocks;
using LowRank.Transformers.T5;
using TorchSharp;

namespace LowRank.Transformers.Generation;

/// <summary>A few sources being answered, each by one text or several that lie one after another.</summary>
internal sealed class DecodingRun : IDisposable
{
    private readonly T5ForConditionalGeneration _model;
    private readonly torch.Device _device;
    private EncodedTexts _sources;
    private readonly DecoderCache? _cache;

    /// <summary>Reads the sources.</summary>
    /// <param name="model">The model, in evaluation mode.</param>
    /// <param name="sources">Token ids of each source.</param>
    /// <param name="textsEach">The texts of each source.</param>
    /// <param name="usesCache">Whether keys and values are kept.</param>
    public DecodingRun(
        T5ForConditionalGeneration model, IReadOnlyList<int[]> sources, int textsEach, bool usesCache)
    {
        _model = model;
        _device = model.parameters().First().device;
        using var scope = torch.NewDisposeScope();
        using var batch = TokenBatch.Create(sources, device: _device);
        var states = model.Encode(batch).DetachFromDisposeScope();
        _sources = new(states, RowLayout.Packed(batch.Offsets), keeps: usesCache);
        _cache = usesCache ? new(model.Config.DecoderLayerCount, sources.Count * textsEach) : null;
    }

    /// <summary>Scores every id as the next of each text.</summary>
    /// <param name="texts">The ids of each text, start token included: those of the last call, each with one more.
    /// </param>
    /// <returns>Logits [texts, vocabulary] in float32 on the CPU; the caller's scope owns them.</returns>
    public torch.Tensor Next(IReadOnlyList<int[]> texts)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = TokenBatch.Create(
            _cache is null ? texts : [.. texts.Select(text => text[^1..])], device: _device);
        var hidden = _model.Decode(batch, _sources, _cache);
        if (_cache is null)
        {
            var last = batch.Offsets.Skip(1).Select(offset => offset - 1L).ToArray();
            hidden = hidden.index_select(0, torch.tensor(last, device: _device));
        }

        return _model.Logits(hidden).to(torch.float32, torch.CPU).MoveToOuterDisposeScope();
    }

    /// <summary>Goes on with other texts of the same sources.</summary>
    /// <param name="texts">Which of the texts stands at each place now.</param>
    public void SelectTexts(IReadOnlyList<int> texts)
    {
        if (!texts.SequenceEqual(Enumerable.Range(0, texts.Count)))
        {
            _cache?.Select(texts);
        }
    }

    /// <summary>Goes on with some of the sources and all their texts.</summary>
    public void SelectSources(IReadOnlyList<int> sources)
    {
        if (sources.Count == _sources.Layout.Texts)
        {
            return;
        }

        if (_cache is { } cache)
        {
            var each = cache.Rows / _sources.Layout.Texts;
            cache.Select([.. sources.SelectMany(source => Enumerable.Range(source * each, each))]);
        }

        var all = _sources;
        _sources = all.Select(sources);
        all.Dispose();
    }

    public void Dispose()
    {
        _sources.Dispose();
        _cache?.Dispose();
    }
}
