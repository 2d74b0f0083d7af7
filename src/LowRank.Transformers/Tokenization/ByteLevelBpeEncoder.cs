using System.Text;
using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>The tokenizer of GPT-2 and RoBERTa: the bytes of a word, merged pair by pair.</summary>
/// <remarks>
/// Radford et al. 2019. Every text can be spelled, and <see cref="TextEncoder.Decode"/> without tidying gives it back.
/// Words seen before are kept (at most 32,768 short ones). Microsoft.ML.Tokenizers 2.0.1 agrees on every golden case
/// and is what the tests compare with; it is not used because its time grows with the square of a word's length.
/// </remarks>
public sealed class ByteLevelBpeEncoder : TextEncoder
{
    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly Dictionary<int, string> _pieces;
    private readonly PairMerges _merges;
    private readonly ByteLevelBpeOptions _options;
    private readonly int[] _byteIds;
    private readonly KnownWords _words;

    /// <summary>An encoder without special tokens.</summary>
    /// <param name="vocabulary">Pieces in GPT-2's byte alphabet and their ids; all 256 bytes among them.</param>
    /// <param name="merges">Pairs of pieces, most frequent first.</param>
    /// <param name="options">How the text is prepared; null for GPT-2's way.</param>
    /// <exception cref="ArgumentException">A byte or a piece of a merge is missing.</exception>
    public ByteLevelBpeEncoder(
        IReadOnlyDictionary<string, int> vocabulary,
        IReadOnlyList<(string Left, string Right)> merges,
        ByteLevelBpeOptions? options = null)
        : this(
            Check.NotNull(vocabulary),
            Check.NotNull(merges),
            options ?? new(),
            new() { Added = [], Template = SequenceTemplate.Plain, Specials = new() })
    {
    }

    internal ByteLevelBpeEncoder(
        IReadOnlyDictionary<string, int> vocabulary,
        IReadOnlyList<(string Left, string Right)> merges,
        ByteLevelBpeOptions options,
        EncoderParts parts)
        : base(parts)
    {
        _vocabulary = vocabulary;
        _options = options;
        _pieces = vocabulary.GroupBy(entry => entry.Value).ToDictionary(group => group.Key, group => group.Last().Key);
        _byteIds = [.. Enumerable.Range(0, 256).Select(value => IdOfByte(vocabulary, (byte)value))];
        _merges = new(merges, vocabulary);
        _words = new(Spell);
    }

    private protected override string Kind => "byte-level BPE";

    private protected override int LargestPieceId => _pieces.Keys.Max();

    private protected override string Normalize(string text) => text;

    private protected override string? Piece(int id) => _pieces.GetValueOrDefault(id);

    private protected override int? PieceId(string piece) => _vocabulary.TryGetValue(piece, out var id) ? id : null;

    private protected override string Join(IReadOnlyList<string> tokens) => ByteAlphabet.Read(tokens);

    private protected override void AppendIds(string text, List<int> ids)
    {
        if (_options.AddPrefixSpace && text[0] != ' ')
        {
            text = " " + text;
        }

        var at = 0;
        while (at < text.Length)
        {
            var end = GptWords.EndOfWord(text, at);
            ids.AddRange(_words.IdsOf(text.AsSpan(at, end - at)));
            at = end;
        }
    }

    private int[] Spell(string word)
    {
        var bytes = Encoding.UTF8.GetBytes(word);
        if (_options.IgnoreMerges)
        {
            var piece = string.Concat(bytes.Select(ByteAlphabet.Letter));
            if (_vocabulary.TryGetValue(piece, out var id))
            {
                return [id];
            }
        }

        return _merges.Apply([.. bytes.Select(value => _byteIds[value])]);
    }

    private static int IdOfByte(IReadOnlyDictionary<string, int> vocabulary, byte value) =>
        vocabulary.TryGetValue(ByteAlphabet.Letter(value).ToString(), out var id)
            ? id
            : throw new ArgumentException(
                $"vocabulary: no piece '{ByteAlphabet.Letter(value)}' for the byte {value}; wanted all 256 bytes.",
                nameof(vocabulary));
}
