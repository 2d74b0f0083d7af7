using System.Globalization;
using System.Text;
using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>T5's tokenizer: of all ways to spell a word in pieces, the likeliest.</summary>
/// <remarks>
/// Kudo 2018, as in SentencePiece; ids are those of Hugging Face's fast tokenizers. Blanks are written <c>▁</c> and
/// belong to the word after them. Letters without a piece cost ten more than the least likely piece, and a run of them
/// is one unknown token. Words seen before are kept (at most 32,768 short ones).
/// </remarks>
public sealed class UnigramEncoder : TextEncoder
{
    private const char Blank = '▁';
    private const double UnknownPenalty = 10;

    private readonly (string Piece, double Score)[] _pieces;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly UnigramOptions _options;
    private readonly KnownWords _words;
    private readonly int _unknown;
    private readonly double _unknownScore;
    private readonly int _longestPiece;

    /// <summary>An encoder without special tokens.</summary>
    /// <param name="pieces">Pieces and the logarithms of their probabilities; the position is the id.</param>
    /// <param name="options">How the text is prepared; null for T5's way.</param>
    /// <exception cref="ArgumentException">The unknown token is missing, or a score is no number.</exception>
    public UnigramEncoder(IReadOnlyList<(string Piece, double Score)> pieces, UnigramOptions? options = null)
        : this(
            Check.NotNull(pieces),
            options ?? new(),
            new() { Added = [], Template = SequenceTemplate.Plain, Specials = new() })
    {
    }

    internal UnigramEncoder(
        IReadOnlyList<(string Piece, double Score)> pieces, UnigramOptions options, EncoderParts parts)
        : base(parts)
    {
        _pieces = [.. pieces];
        var ids = new Dictionary<string, int>(_pieces.Length, StringComparer.Ordinal);
        for (var id = 0; id < _pieces.Length; id++)
        {
            Check.That(
                double.IsFinite(_pieces[id].Score),
                nameof(pieces),
                $"pieces: the score of '{_pieces[id].Piece}' is {_pieces[id].Score}; wanted a finite number.");
            ids[_pieces[id].Piece] = id;
        }

        Check.That(
            ids.TryGetValue(options.UnknownToken, out _unknown),
            nameof(pieces),
            $"pieces: no '{options.UnknownToken}' among {ids.Count}; wanted the unknown token.");
        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _options = options;
        _words = new(Spell);
        _unknownScore = _pieces.Min(piece => piece.Score) - UnknownPenalty;
        _longestPiece = _pieces.Max(piece => piece.Piece.Length);
    }

    private protected override string Kind => "Unigram";

    private protected override int LargestPieceId => _pieces.Length - 1;

    private protected override string Normalize(string text) => _options.Normalize(text);

    private protected override string? Piece(int id) => id >= 0 && id < _pieces.Length ? _pieces[id].Piece : null;

    private protected override int? PieceId(string piece) => _ids.TryGetValue(piece, out var id) ? id : null;

    private protected override void AppendIds(string text, List<int> ids)
    {
        var prefixes = _options.AddsPrefixSpace && !(_options.PrefixesOnlyFirst && ids.Count > 0);
        string[] stretches = _options.CollapsesSpaces
            ? text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            : [text];
        foreach (var stretch in stretches)
        {
            var blanked = stretch.Replace(' ', Blank);
            AppendWords(prefixes && blanked[0] != Blank ? Blank + blanked : blanked, ids);
        }
    }

    private protected override string Join(IReadOnlyList<string> tokens)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        for (var i = 0; i < tokens.Count; i++)
        {
            if (_options.ByteFallback && TryByte(tokens[i], out var value))
            {
                bytes.Add(value);
                continue;
            }

            AppendBytes(text, bytes);
            var blank = i == 0 && _options.AddsPrefixSpace ? "" : " ";
            text.Append(tokens[i].Replace("▁", blank, StringComparison.Ordinal));
        }

        AppendBytes(text, bytes);
        return text.ToString();
    }

    // A word is a blank and what follows up to the next one.
    private void AppendWords(string text, List<int> ids)
    {
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var next = rest[1..].IndexOf(Blank);
            var word = next < 0 ? rest : rest[..(next + 1)];
            ids.AddRange(_words.IdsOf(word));
            rest = rest[word.Length..];
        }
    }

    // Viterbi: the best way to each place, from the best ways to the places before it.
    private int[] Spell(string word)
    {
        var ways = new (double Score, int Start, int Id)[word.Length + 1];
        Array.Fill(ways, (double.NegativeInfinity, 0, _unknown), 1, word.Length);
        for (var start = 0; start < word.Length;)
        {
            _ = Rune.TryGetRuneAt(word, start, out var rune);
            var letter = Math.Max(1, rune.Utf16SequenceLength);
            var isSpelled = false;
            for (var length = 1; length <= Math.Min(_longestPiece, word.Length - start); length++)
            {
                if (_ids.TryGetValue(word.AsSpan(start, length), out var id))
                {
                    isSpelled |= length == letter;
                    Offer(ref ways[start + length], ways[start].Score + _pieces[id].Score, start, id);
                }
            }

            if (!isSpelled)
            {
                Offer(ref ways[start + letter], ways[start].Score + _unknownScore, start, _unknown);
            }

            start += letter;
        }

        return Follow(word, ways);
    }

    private static void Offer(ref (double Score, int Start, int Id) way, double score, int start, int id)
    {
        if (score > way.Score)
        {
            way = (score, start, id);
        }
    }

    private int[] Follow(string word, (double Score, int Start, int Id)[] ways)
    {
        var backwards = new List<int>();
        for (var end = word.Length; end > 0;)
        {
            var start = ways[end].Start;
            var id = ways[end].Id;
            while (id == _unknown && start > 0 && ways[start].Id == _unknown)
            {
                start = ways[start].Start;
            }

            if (id == _unknown)
            {
                AppendUnknown(word[start..end], backwards);
            }
            else
            {
                backwards.Add(id);
            }

            end = start;
        }

        backwards.Reverse();
        return [.. backwards];
    }

    private void AppendUnknown(string letters, List<int> backwards)
    {
        if (_options.ByteFallback)
        {
            int?[] ids = [.. Encoding.UTF8.GetBytes(letters).Reverse().Select(value => PieceId($"<0x{value:X2}>"))];
            if (Array.TrueForAll(ids, id => id is not null))
            {
                backwards.AddRange(ids.OfType<int>());
                return;
            }
        }

        backwards.Add(_unknown);
    }

    private static bool TryByte(string token, out byte value)
    {
        value = 0;
        return token.Length == 6
            && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value);
    }

    private static void AppendBytes(StringBuilder text, List<byte> bytes)
    {
        if (bytes.Count > 0)
        {
            var run = bytes.ToArray();
            var isText = System.Text.Unicode.Utf8.IsValid(run);
            text.Append(isText ? Encoding.UTF8.GetString(run) : new string('\uFFFD', run.Length));
            bytes.Clear();
        }
    }
}
