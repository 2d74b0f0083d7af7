using System.Globalization;
using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Leaves stretches out of a row of tokens, as T5's authors do.</summary>
/// <remarks>
/// What is left out and what stays is cut into as many stretches, of random lengths; the row begins with one that stays.
/// In the source a sentinel stands for each stretch left out, in the target before it.
/// </remarks>
internal sealed class SpanNoise
{
    private readonly SpanCorruptionOptions _options;
    private readonly int[] _sentinels;
    private readonly int _end;

    /// <param name="encoder">The encoder, with an end token and sentinels, <c>&lt;extra_id_0&gt;</c> and so on.</param>
    /// <param name="options">How much is left out.</param>
    /// <exception cref="ArgumentException">The vocabulary lacks the end token, or has too few sentinels.</exception>
    public SpanNoise(TextEncoder encoder, SpanCorruptionOptions options)
    {
        _options = options;
        _end = encoder.SpecialTokens.End ?? throw new ArgumentException(
            $"encoder: no end token in {encoder.Description}; wanted T5's </s>.", nameof(encoder));
        _sentinels =
        [
            .. Enumerable.Range(0, encoder.VocabularySize)
                .Select(number => encoder.IdOf(string.Create(CultureInfo.InvariantCulture, $"<extra_id_{number}>")))
                .TakeWhile(id => id is not null)
                .OfType<int>(),
        ];
        var needed = Spans(options.WindowLength).Count;
        Check.That(
            _sentinels.Length >= needed,
            nameof(encoder),
            $"encoder: got {_sentinels.Length} sentinels such as <extra_id_0> ({encoder.Description}); wanted {needed}, one "
                + "for each stretch left out of a window. Choose a shorter window or a vocabulary with more.");
        IsOrdinary = [.. Enumerable.Range(0, encoder.VocabularySize)
            .Select(id => encoder.TokenOf(id) is not null && !encoder.IsSpecialToken(id))];
        Array.ForEach(_sentinels, id => IsOrdinary[id] = false);
    }

    /// <summary>By id: whether it is a piece of text, no special token.</summary>
    public bool[] IsOrdinary { get; }

    /// <summary>Leaves stretches out of a row.</summary>
    /// <param name="ids">The row, of two tokens or more; not changed.</param>
    /// <param name="seed">Decides the stretches.</param>
    /// <returns>The row as the encoder sees it, and what the decoder is to write; both with the end token.</returns>
    public (int[] Source, int[] Target) Corrupt(int[] ids, Seed seed)
    {
        var random = seed.Random();
        var (count, left) = Spans(ids.Length);
        var kept = Lengths(ids.Length - left, count, random);
        var hidden = Lengths(left, count, random);
        var (source, target) = (new List<int>(), new List<int>());
        var at = 0;
        for (var span = 0; span < count; span++)
        {
            source.AddRange(ids.AsSpan(at, kept[span]));
            source.Add(_sentinels[span]);
            at += kept[span];
            target.Add(_sentinels[span]);
            target.AddRange(ids.AsSpan(at, hidden[span]));
            at += hidden[span];
        }

        return ([.. source, _end], [.. target, _end]);
    }

    // How many stretches, and how many tokens they have together.
    private (int Count, int Left) Spans(int length)
    {
        var left = Math.Clamp((int)Math.Round(_options.NoiseDensity * length), 1, length - 1);
        var count = Math.Max(1, (int)Math.Round(left / _options.MeanSpanLength));
        return (Math.Min(count, Math.Min(left, length - left)), left);
    }

    // A random way to cut a stretch into so many parts of at least one token; all ways are as likely.
    private static int[] Lengths(int total, int count, Random random)
    {
        var places = Enumerable.Range(1, total - 1).ToArray();
        random.Shuffle(places);
        int[] cuts = [0, .. places.Take(count - 1).Order(), total];
        return [.. cuts.Zip(cuts.Skip(1), (start, end) => end - start)];
    }
}
