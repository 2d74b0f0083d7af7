using System.Runtime.CompilerServices;
using LowRank.Tensors;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.Transformers.Generation;

/// <summary>Writes a text for each source text: one call for many, or a stream.</summary>
/// <remarks>
/// A result does not depend, but for rounding, on the texts beside it, the size of batches or the cache. Adapters that
/// are attached to the model take part. Not for several threads at once.
/// </remarks>
public sealed class TextGeneration
{
    private readonly T5ForConditionalGeneration _model;
    private readonly TextEncoder _encoder;

    /// <summary>Joins a model and its tokenizer.</summary>
    /// <param name="model">The model, in evaluation mode when it writes; stays the caller's.</param>
    /// <param name="encoder">The tokenizer that belongs to it.</param>
    /// <exception cref="ArgumentException">The tokenizer has more ids than the model has.</exception>
    public TextGeneration(T5ForConditionalGeneration model, TextEncoder encoder)
    {
        _model = Check.NotNull(model);
        _encoder = Check.NotNull(encoder);
        Check.That(
            encoder.VocabularySize <= model.Config.VocabularySize,
            nameof(encoder),
            $"encoder: got {encoder.VocabularySize} ids; wanted at most {model.Config.VocabularySize}, the rows of the "
            + "model's table: the tokenizer does not belong to this model.");
    }

    /// <summary>Writes a text for each source.</summary>
    /// <param name="sources">The source texts; empty ones are read as such.</param>
    /// <param name="options">How to write; null for greedily.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>The texts, in the sources' order, without special tokens.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public IReadOnlyList<string> Generate(
        IReadOnlyList<string> sources, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        Check.NotNull(sources);
        var chosen = options ?? new();
        chosen.Validate();
        return [.. GenerateIds(Encode(sources, chosen), chosen, cancellation).Select(ids => _encoder.Decode(ids))];
    }

    /// <summary>Writes a text for each source as the sources come, a batch at a time.</summary>
    /// <param name="sources">The source texts, such as a file's lines.</param>
    /// <param name="options">How to write; null for greedily. A batch of 1 gives each text at once.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>The texts, in the sources' order, without special tokens.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public async IAsyncEnumerable<string> StreamAsync(
        IAsyncEnumerable<string> sources,
        GenerationOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        Check.NotNull(sources);
        var chosen = options ?? new();
        chosen.Validate();
        var first = 0;
        var batches = sources.Chunk(chosen.BatchSize).WithCancellation(cancellation).ConfigureAwait(false);
        await foreach (var batch in batches)
        {
            foreach (var ids in WriteBatch(Encode(batch, chosen), first, chosen, cancellation))
            {
                yield return _encoder.Decode(ids);
            }

            first += batch.Length;
        }
    }

    /// <summary>Writes the ids of a text for each source.</summary>
    /// <param name="sources">The ids of each source, end token included.</param>
    /// <param name="options">How to write; null for greedily.</param>
    /// <param name="cancellation">Ends the writing between two tokens.</param>
    /// <returns>The ids, without the start token, with the end token where the text came to its end.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or a source is empty or has an id beyond the
    /// table.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public IReadOnlyList<int[]> GenerateIds(
        IReadOnlyList<int[]> sources, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        Check.NotNull(sources);
        var chosen = options ?? new();
        chosen.Validate();
        var texts = new List<int[]>(sources.Count);
        foreach (var batch in sources.Chunk(chosen.BatchSize))
        {
            texts.AddRange(WriteBatch(batch, texts.Count, chosen, cancellation));
        }

        return texts;
    }

    private int[][] Encode(IReadOnlyList<string> sources, GenerationOptions options) =>
        [.. sources.Select(source => _encoder.Encode(source, maxLength: options.SourceLength).Ids)];

    private IEnumerable<int[]> WriteBatch(
        int[][] sources, int first, GenerationOptions options, CancellationToken cancellation)
    {
        var config = _model.Config;
        Check.That(
            options.Beams <= config.VocabularySize,
            "options",
            $"Beams: got {options.Beams}; wanted at most {config.VocabularySize}, the size of the vocabulary.");
        if (_model.training)
        {
            throw new InvalidOperationException("The model is in training mode; wanted evaluation: call eval() on it.");
        }

        using var frozen = torch.no_grad();
        using var run = new DecodingRun(_model, sources, options.Beams, options.UsesCache);
        var (start, end) = (config.StartTokenId, config.EndTokenId);
        var texts = options.Beams == 1
            ? SingleSearch.Run(run, sources.Length, options, start, end, first, cancellation)
            : BeamSearch.Run(run, sources.Length, options, start, end, cancellation);
        return texts.Select(text => text[1..]);
    }
}
