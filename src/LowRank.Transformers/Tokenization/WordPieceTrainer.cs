using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>Learns a WordPiece vocabulary from text.</summary>
/// <remarks>
/// Words begin as single characters; the two neighbours that occur most often become one piece, again and again, as in
/// Hugging Face's trainer. The result depends on the text alone: ties go to the pieces that sort first. Every printable
/// ASCII character is a piece, so that no English word is unknown. Time is about linear in the different words.
/// </remarks>
public static class WordPieceTrainer
{
    private const string Continuation = "##";
    private const int MostCharacters = 1000;
    private const int LongestWord = 100;
    private static readonly string[] Specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="lines">The text; read once.</param>
    /// <param name="options">Size and casing; the defaults when null.</param>
    /// <returns>The pieces by id: special tokens, characters, then pieces as they were made.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or there is no text.</exception>
    public static IReadOnlyList<string> Train(IEnumerable<string> lines, WordPieceTrainingOptions? options = null)
    {
        Check.NotNull(lines);
        options ??= new();
        options.Validate();
        var counts = Count(lines, options.LowerCase);
        Check.That(counts.Count > 0, nameof(lines), "lines: got no words; wanted text to learn from.");
        var pieces = new List<string>([.. Specials, .. Alphabet(counts)]);
        pieces.RemoveRange(Math.Min(pieces.Count, options.Size), Math.Max(0, pieces.Count - options.Size));
        new PieceMerger(pieces, counts).Grow(options.Size, options.LeastCount);
        return pieces;
    }

    /// <summary>
    /// Writes <c>vocab.txt</c>, <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, as Hugging Face's
    /// <c>BertTokenizer</c> reads them.
    /// </summary>
    /// <param name="folder">The folder for the files; made when missing.</param>
    /// <param name="pieces">The pieces in the order of their ids.</param>
    /// <param name="lowerCase">Whether text is lower-cased.</param>
    /// <exception cref="ArgumentException">A special token is not among the pieces.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, IReadOnlyList<string> pieces, bool lowerCase = true)
    {
        Check.NotBlank(folder);
        var missing = Array.Find(Specials, token => !Check.NotNull(pieces).Contains(token));
        Check.That(
            missing is null, nameof(pieces), $"pieces: got no {missing}; wanted all of {string.Join(' ', Specials)}.");
        AtomicFile.WriteText(
            Path.Combine(folder, "vocab.txt"), string.Concat(pieces.Select(piece => $"{piece}\n")));
        AtomicFile.WriteText(
            Path.Combine(folder, "tokenizer.json"), TokenizerJsonWriter.WordPiece(pieces, Specials, lowerCase));
        AtomicFile.WriteText(Path.Combine(folder, "tokenizer_config.json"), $$"""
            {
              "tokenizer_class": "BertTokenizer",
              "do_lower_case": {{(lowerCase ? "true" : "false")}},
              "unk_token": "[UNK]",
              "sep_token": "[SEP]",
              "pad_token": "[PAD]",
              "cls_token": "[CLS]",
              "mask_token": "[MASK]"
            }

            """);
    }

    private static Dictionary<string, long> Count(IEnumerable<string> lines, bool lowerCase)
    {
        var normalizer = new BertNormalizer(true, true, lowerCase, lowerCase);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var line in lines)
        {
            var text = normalizer.Normalize(line);
            var at = 0;
            while (BertWords.TryNext(text, ref at, out var word))
            {
                if (word.Length <= LongestWord)
                {
                    lookup.TryGetValue(word, out var count);
                    lookup[word] = count + 1;
                }
            }
        }

        return counts;
    }

    // Both forms of each character, alone and within a word; the most frequent ones of the text beyond ASCII.
    private static IEnumerable<string> Alphabet(Dictionary<string, long> counts)
    {
        var capitals = counts.Keys.Any(word => word.Any(char.IsAsciiLetterUpper));
        var ascii = Enumerable.Range('!', '~' - '!' + 1)
            .Select(code => (char)code)
            .Where(letter => capitals || !char.IsAsciiLetterUpper(letter))
            .Select(letter => letter.ToString());
        var others = counts
            .SelectMany(word => word.Key.EnumerateRunes().Select(rune => (Letter: rune.ToString(), word.Value)))
            .GroupBy(use => use.Letter)
            .OrderByDescending(uses => uses.Sum(use => use.Value))
            .ThenBy(uses => uses.Key, StringComparer.Ordinal)
            .Take(MostCharacters)
            .Select(uses => uses.Key);
        string[] letters = [.. ascii.Concat(others).Distinct().Order(StringComparer.Ordinal)];
        var within = letters.Where(letter => char.IsLetterOrDigit(letter, 0)).Select(letter => Continuation + letter);
        return [.. letters, .. within];
    }
}
