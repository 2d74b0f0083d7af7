using LowRank.Tensors;

namespace LowRank.Transformers.Tokenization;

/// <summary>Loads the text encoder of a model folder.</summary>
public static class TextEncoders
{
    /// <summary>The encoder of a folder in Hugging Face's layout.</summary>
    /// <remarks>
    /// <c>tokenizer.json</c> is taken when it is there, else <c>vocab.txt</c> (WordPiece), else <c>vocab.json</c> with
    /// <c>merges.txt</c> (byte-level BPE), else <c>spiece.model</c> (T5's Unigram); <c>tokenizer_config.json</c>,
    /// <c>special_tokens_map.json</c> and <c>added_tokens.json</c> refine them. A <c>vocab.txt</c> that no
    /// configuration explains is taken for cased when it holds capitals; <see cref="TextEncoder.Description"/> says so.
    /// </remarks>
    /// <param name="folder">The folder.</param>
    /// <returns>The encoder.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer files.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or describes another kind of tokenizer.</exception>
    public static TextEncoder Load(string folder)
    {
        Check.NotBlank(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{folder}: no such folder; wanted one with tokenizer files.");
        }

        try
        {
            return LoadFiles(folder);
        }
        catch (InvalidOperationException fault)
        {
            // The JSON reader's answer to half a character in an escaped text.
            throw new InvalidDataException($"{folder}: a tokenizer file holds a text that is not Unicode.", fault);
        }
    }

    /// <summary>The encoder of a folder, for a model with so many rows in its embedding.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="vocabularySize">The model's number of ids; it may have more than its tokenizer uses.</param>
    /// <returns>The encoder.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer files.</exception>
    /// <exception cref="InvalidDataException">
    /// A file is malformed or of another kind, or the tokenizer has more ids than the model.
    /// </exception>
    public static TextEncoder Load(string folder, int vocabularySize)
    {
        var encoder = Load(folder);
        return encoder.VocabularySize <= vocabularySize ? encoder : throw new InvalidDataException(
            $"{folder}: got a tokenizer with {encoder.VocabularySize} ids ({encoder.Description}); wanted at most the "
            + $"{vocabularySize} that the model's embedding has. The tokenizer is of another model: take its files from "
            + "where the weights come from.");
    }

    private static TextEncoder LoadFiles(string folder)
    {
        var json = Path.Combine(folder, "tokenizer.json");
        var lines = Path.Combine(folder, "vocab.txt");
        var pieces = Path.Combine(folder, "vocab.json");
        var merges = Path.Combine(folder, "merges.txt");
        var settings = TokenizerSettings.Read(folder);
        if (File.Exists(json))
        {
            return TokenizerJson.Read(json, settings);
        }

        if (File.Exists(lines))
        {
            return VocabularyFiles.ReadWordPiece(lines, settings);
        }

        if (File.Exists(pieces) && File.Exists(merges))
        {
            return VocabularyFiles.ReadByteLevel(pieces, merges, settings);
        }

        var model = Path.Combine(folder, "spiece.model");
        return File.Exists(model)
            ? SentencePieceFile.Read(model, settings)
            : throw Missing(folder, File.Exists(pieces) ? merges : File.Exists(merges) ? pieces : null);
    }

    private static FileNotFoundException Missing(string folder, string? half)
    {
        var wanted = half is null
            ? "tokenizer.json, vocab.txt, vocab.json with merges.txt, or spiece.model"
            : Path.GetFileName(half) + " beside its other half, or tokenizer.json";
        var names = Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).Take(12);
        var got = string.Join(", ", names);
        return new FileNotFoundException(
            $"{folder}: no tokenizer (got {(got.Length > 0 ? got : "an empty folder")}); wanted {wanted}. "
            + "Copy the tokenizer's files from the folder or hub page that the weights came from.",
            half ?? Path.Combine(folder, "tokenizer.json"));
    }
}
