using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>Encoders from the older files: <c>vocab.txt</c>, or <c>vocab.json</c> with <c>merges.txt</c>.</summary>
internal static class VocabularyFiles
{
    /// <summary>A WordPiece encoder from a <c>vocab.txt</c>.</summary>
    /// <exception cref="InvalidDataException">The file does not hold a BERT vocabulary.</exception>
    public static WordPieceEncoder ReadWordPiece(string path, TokenizerSettings settings)
    {
        var vocabulary = ReadLines(path);

        // Where no file says: a vocabulary without capitals was made from lower-cased text.
        var lower = settings.LowerCase ?? !vocabulary.Keys.Any(HasCapital);
        var options = new WordPieceOptions
        {
            LowerCase = lower,
            StripAccents = settings.StripAccents,
            ChineseCharacters = settings.ChineseCharacters ?? true,
            UnknownToken = settings.Tokens.GetValueOrDefault("unk_token") ?? "[UNK]",
        };
        var why = settings.LowerCase is not null ? "as tokenizer_config.json says"
            : lower ? "as the vocabulary has no capitals" : "as the vocabulary has capitals";
        try
        {
            var parts = BertTokens.Parts(vocabulary, options.UnknownToken, settings, $"{path} ({why})");
            return new(vocabulary, options, parts);
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException($"{path}: {fault.Message}", fault);
        }
    }

    /// <summary>A byte-level encoder from <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    /// <exception cref="InvalidDataException">The files do not fit each other.</exception>
    public static ByteLevelBpeEncoder ReadByteLevel(
        string vocabularyPath, string mergesPath, TokenizerSettings settings)
    {
        var vocabulary = JsonFields.Vocabulary(JsonFields.ReadObject(vocabularyPath), vocabularyPath);
        var merges = ReadMerges(mergesPath);
        int? IdOf(string token) => vocabulary.TryGetValue(token, out var id)
            ? id
            : settings.Added.FirstOrDefault(added => added.Content == token)?.Id;
        var specials = SpecialTokenNames.Resolve(IdOf, settings);

        // RoBERTa's vocabulary has <s> and </s>; GPT-2's has neither and sets nothing around a text.
        var isRoberta = IdOf("<s>") is not null && IdOf("</s>") is not null;
        string[] usual = isRoberta ? ["<s>", "</s>", "<pad>", "<unk>", "<mask>"] : ["<|endoftext|>"];
        var added = usual
            .Where(token => IdOf(token) is not null)
            .Select(token => new AddedToken(token, IdOf(token) ?? 0, TakesLeftSpace: token == "<mask>"));
        var parts = new EncoderParts
        {
            Added = [.. SpecialTokenNames.Named(IdOf, settings), .. added, .. settings.Added],
            Template = isRoberta && specials is { Start: { } start, End: { } end }
                ? SequenceTemplate.Roberta(start, end)
                : SequenceTemplate.Plain,
            Specials = specials,
            TidiesSpaces = settings.TidiesSpaces ?? true,
            TruncatesLeft = settings.TruncatesLeft,
            MaximumLength = settings.MaximumLength,
            Origin = vocabularyPath,
        };
        try
        {
            return new(vocabulary, merges, new() { AddPrefixSpace = settings.AddPrefixSpace ?? false }, parts);
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException($"{mergesPath} with {vocabularyPath}: {fault.Message}", fault);
        }
    }

    private static Dictionary<string, int> ReadLines(string path)
    {
        // Only \n ends a line: other separators are pieces of some vocabularies.
        var lines = File.ReadAllText(path).Split('\n');
        var count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        var vocabulary = new Dictionary<string, int>(count, StringComparer.Ordinal);
        for (var id = 0; id < count; id++)
        {
            vocabulary[lines[id].TrimEnd('\r')] = id;
        }

        return vocabulary.Count > 0 ? vocabulary : throw new InvalidDataException($"{path}: the vocabulary is empty.");
    }

    private static List<(string Left, string Right)> ReadMerges(string path)
    {
        var merges = new List<(string, string)>();
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Length == 0 || line.StartsWith("#version", StringComparison.Ordinal))
            {
                continue;
            }

            var pieces = line.Split(' ');
            merges.Add(pieces.Length == 2
                ? (pieces[0], pieces[1])
                : throw new InvalidDataException($"{path}, line {number}: '{line}'; wanted two pieces and a blank."));
        }

        return merges;
    }

    // A capital is a letter that has a small form: symbols such as the double-struck R are in uncased vocabularies too.
    private static bool HasCapital(string piece) =>
        !(piece.StartsWith('[') && piece.EndsWith(']'))
        && piece.EnumerateRunes().Any(rune => Rune.ToLowerInvariant(rune) != rune);
}
