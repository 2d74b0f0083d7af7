using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Hides whole words of a row of tokens, as BERT's authors do.</summary>
/// <remarks>
/// Words are drawn until their pieces are the wanted share. Of the pieces, eight in ten become the mask token, one in
/// ten another token, and one stays as it is, so that the model cannot tell where it will be asked.
/// </remarks>
internal sealed class WordMasks
{
    private const double MaskedShare = 0.8;
    private const double SwappedShare = 0.1;

    private readonly bool[] _continues;
    private readonly int[] _ordinary;
    private readonly int _mask;
    private readonly double _share;

    /// <param name="encoder">The encoder, whose pieces within words begin with <c>##</c>.</param>
    /// <param name="share">The share of tokens to hide, in (0, 1).</param>
    /// <exception cref="ArgumentException">The vocabulary has no mask token.</exception>
    public WordMasks(TextEncoder encoder, double share)
    {
        _share = share;
        _mask = encoder.SpecialTokens.Mask ?? throw new ArgumentException(
            $"encoder: no mask token in {encoder.Description}; wanted BERT's [MASK].", nameof(encoder));
        _continues = [.. Enumerable.Range(0, encoder.VocabularySize)
            .Select(id => encoder.TokenOf(id)?.StartsWith("##", StringComparison.Ordinal) ?? false)];
        _ordinary = [.. Enumerable.Range(0, encoder.VocabularySize)
            .Where(id => encoder.TokenOf(id) is not null && !encoder.IsSpecialToken(id))];
        IsOrdinary = new bool[encoder.VocabularySize];
        Array.ForEach(_ordinary, id => IsOrdinary[id] = true);
    }

    /// <summary>By id: whether it is a piece of text, no special token.</summary>
    public bool[] IsOrdinary { get; }

    /// <summary>Hides words of a row.</summary>
    /// <param name="ids">The row; not changed.</param>
    /// <param name="seed">Decides the words and what becomes of them.</param>
    /// <returns>The row as the model sees it, and the places it is asked about, in order.</returns>
    public (int[] Shown, int[] Places) Hide(int[] ids, Seed seed)
    {
        var random = seed.Random();
        var words = Words(ids);
        var wanted = Math.Max(1, (int)Math.Round(_share * words.Sum(word => word.Length)));
        random.Shuffle(words);
        var places = words
            .TakeWhile(word => (wanted -= word.Length) + word.Length > 0)
            .SelectMany(word => Enumerable.Range(word.Start, word.Length))
            .Order()
            .ToArray();
        var shown = (int[])ids.Clone();
        foreach (var place in places)
        {
            var draw = random.NextDouble();
            shown[place] = draw < MaskedShare ? _mask
                : draw < MaskedShare + SwappedShare ? _ordinary[random.Next(_ordinary.Length)]
                : ids[place];
        }

        return (shown, places);
    }

    private (int Start, int Length)[] Words(int[] ids)
    {
        var words = new List<(int Start, int Length)>();
        for (var i = 0; i < ids.Length; i++)
        {
            if (!IsOrdinary[ids[i]])
            {
                continue;
            }

            if (_continues[ids[i]] && words.Count > 0 && words[^1].Start + words[^1].Length == i)
            {
                words[^1] = (words[^1].Start, words[^1].Length + 1);
            }
            else
            {
                words.Add((i, 1));
            }
        }

        return [.. words];
    }
}
