using System.Globalization;
using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>Learns a Unigram vocabulary, T5's kind, from text.</summary>
/// <remarks>
/// Kudo 2018, as in SentencePiece: all frequent substrings of words to begin with, their probabilities by expectation and
/// maximisation over all ways to spell the words, and, again and again, away with those that the text can best do
/// without. Pieces begin at a blank or stay within a word, and do not mix letters, digits and signs. The result depends
/// on the text alone. Every printable ASCII character is a piece, so that no English word is unknown. Time and memory
/// are about linear in the different words.
/// </remarks>
public static class UnigramTrainer
{
    internal const char Blank = '▁';
    internal const int UnknownId = 2;
    internal const int EndId = 1;

    private const int MostCharacters = 1000;
    private const int LongestWord = 100;
    private static readonly string[] Specials = ["<pad>", "</s>", "<unk>"];

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="lines">The text; read once.</param>
    /// <param name="options">Size and sentinels; the defaults when null.</param>
    /// <returns>
    /// The pieces by id with the logarithms of their probabilities: <c>&lt;pad&gt;</c>, <c>&lt;/s&gt;</c> and
    /// <c>&lt;unk&gt;</c>, pieces from the likeliest on, and sentinels, the first one last.
    /// </returns>
    /// <exception cref="ArgumentException">An option is out of range, or there is no text.</exception>
    public static IReadOnlyList<(string Piece, double Score)> Train(
        IEnumerable<string> lines, UnigramTrainingOptions? options = null)
    {
        Check.NotNull(lines);
        options ??= new();
        options.Validate();
        var counts = Count(lines);
        Check.That(counts.Count > 0, nameof(lines), "lines: got no words; wanted text to learn from.");
        string[] sentinels =
        [
            .. Enumerable.Range(1, options.Sentinels).Select(
                back => string.Create(CultureInfo.InvariantCulture, $"<extra_id_{options.Sentinels - back}>")),
        ];
        var room = options.Size - Specials.Length - sentinels.Length;
        var alphabet = Alphabet(counts).Take(room).ToList();
        var pieces = new UnigramEstimate(counts, alphabet, options.LongestPiece).Reduce(room);
        return [.. Specials.Select(Named), .. pieces, .. sentinels.Select(Named)];
    }

    /// <summary>
    /// Writes <c>tokenizer.json</c>, <c>spiece.model</c> and <c>tokenizer_config.json</c>, as Hugging Face's
    /// <c>T5Tokenizer</c> reads them.
    /// </summary>
    /// <param name="folder">The folder for the files; made when missing.</param>
    /// <param name="pieces">The pieces as <see cref="Train"/> gives them.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, IReadOnlyList<(string Piece, double Score)> pieces)
    {
        Check.NotBlank(folder);
        var sentinels = Check.NotNull(pieces).Count(piece => IsSentinel(piece.Piece));
        AtomicFile.WriteText(Path.Combine(folder, "tokenizer.json"), TokenizerJsonWriter.Unigram(pieces));
        AtomicFile.Write(Path.Combine(folder, "spiece.model"), file => file.Write(SentencePieceWriter.Write(pieces)));
        AtomicFile.WriteText(Path.Combine(folder, "tokenizer_config.json"), string.Create(CultureInfo.InvariantCulture, $$"""
            {
              "tokenizer_class": "T5Tokenizer",
              "pad_token": "<pad>",
              "eos_token": "</s>",
              "unk_token": "<unk>",
              "extra_ids": {{sentinels}},
              "clean_up_tokenization_spaces": false
            }

            """));
    }

    internal static bool IsSentinel(string piece) => piece.StartsWith("<extra_id_", StringComparison.Ordinal);

    internal static bool IsSpecial(string piece) => IsSentinel(piece) || Specials.Contains(piece);

    private static (string Piece, double Score) Named(string token) => (token, 0);

    // Words as the encoder will see them: with the blank before them.
    private static Dictionary<string, long> Count(IEnumerable<string> lines) => lines
        .SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .Where(word => word.Length <= LongestWord)
        .CountBy(word => word)
        .ToDictionary(word => Blank + word.Key, word => (long)word.Value, StringComparer.Ordinal);

    // The blank, printable ASCII, and the most frequent characters of the text beyond it.
    private static IEnumerable<string> Alphabet(Dictionary<string, long> counts)
    {
        var ascii = Enumerable.Range('!', '~' - '!' + 1).Select(code => ((char)code).ToString()).Prepend(Blank.ToString());
        var others = counts
            .SelectMany(word => word.Key.EnumerateRunes().Select(rune => (Letter: rune.ToString(), word.Value)))
            .GroupBy(use => use.Letter)
            .OrderByDescending(uses => uses.Sum(use => use.Value))
            .ThenBy(uses => uses.Key, StringComparer.Ordinal)
            .Take(MostCharacters)
            .Select(uses => uses.Key);
        return ascii.Concat(others).Distinct();
    }
}
