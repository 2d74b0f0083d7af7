using System.Globalization;
using System.Text;

namespace LowRank.Transformers.Tokenization;

/// <summary>An encoder from SentencePiece's own file, T5's <c>spiece.model</c>.</summary>
internal sealed class SentencePieceFile
{
    private const int UnigramModel = 1;
    private const int DefaultSentinels = 100;

    private readonly string _path;
    private readonly List<(string Piece, double Score)> _pieces = [];
    private readonly List<AddedToken> _specials = [];
    private UnigramOptions _options = new();
    private string? _unknown;

    private SentencePieceFile(string path)
    {
        _path = path;
        var message = new ProtoReader(File.ReadAllBytes(path));
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    ReadPiece(new(message.Bytes));
                    break;
                case 2:
                    ReadTraining(new(message.Bytes));
                    break;
                case 3:
                    ReadNormalization(new(message.Bytes));
                    break;
                default:
                    break;
            }
        }
    }

    private enum PieceType
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
    }

    /// <summary>The encoder, with T5's end token and sentinels.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or of another family.</exception>
    public static UnigramEncoder Read(string path, TokenizerSettings settings)
    {
        try
        {
            return new SentencePieceFile(path).Encoder(settings);
        }
        catch (Exception fault) when (fault is InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {fault.Message}", fault);
        }
    }

    private UnigramEncoder Encoder(TokenizerSettings settings)
    {
        var names = _pieces.Select(piece => piece.Piece).ToList();
        if (names.Find(name => name is "[CLS]" or "<cls>") is { } other)
        {
            throw new InvalidDataException(
                $"got a vocabulary with '{other}'; wanted T5's. Save this tokenizer as tokenizer.json.");
        }

        var end = names.IndexOf(settings.Tokens.GetValueOrDefault("eos_token") ?? "</s>");
        if (end < 0 || _unknown is null)
        {
            throw new InvalidDataException(
                $"got {names.Count} pieces without '{(end < 0 ? "</s>" : "<unk>")}'; wanted T5's vocabulary.");
        }

        AddSentinels(settings, names.Contains("<extra_id_0>", StringComparer.Ordinal));
        int? IdOf(string token) => names.IndexOf(token) is >= 0 and var id ? id : null;
        return new(_pieces, _options with { UnknownToken = _unknown }, new()
        {
            Added = [.. _specials, .. SpecialTokenNames.Named(IdOf, settings), .. settings.Added],
            Template = SequenceTemplate.T5(end),
            Specials = SpecialTokenNames.Resolve(IdOf, settings),
            TidiesSpaces = settings.TidiesSpaces ?? true,
            TruncatesLeft = settings.TruncatesLeft,
            MaximumLength = settings.MaximumLength,
            Origin = _path,
        });
    }

    // T5's sentinels stand behind the pieces, the first one last.
    private void AddSentinels(TokenizerSettings settings, bool areThere)
    {
        var count = areThere ? 0 : settings.SentinelCount ?? DefaultSentinels;
        for (var i = count - 1; i >= 0; i--)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"<extra_id_{i}>");
            _specials.Add(new(name, _pieces.Count));
            _pieces.Add((name, 0));
        }
    }

    private void ReadPiece(ProtoReader message)
    {
        var (piece, score, type) = ("", 0f, PieceType.Normal);
        while (message.Next())
        {
            switch (message.Field)
            {
                case 1:
                    piece = Encoding.UTF8.GetString(message.Bytes);
                    break;
                case 2:
                    score = message.Single;
                    break;
                case 3:
                    type = (PieceType)message.Number;
                    break;
                default:
                    break;
            }
        }

        if (type is PieceType.Unknown or PieceType.Control)
        {
            _specials.Add(new(piece, _pieces.Count));
        }

        _unknown = type == PieceType.Unknown ? piece : _unknown;
        _pieces.Add((piece, score));
    }

    private void ReadTraining(ProtoReader message)
    {
        while (message.Next())
        {
            switch (message.Field)
            {
                case 3 when message.Number != UnigramModel:
                    throw new InvalidDataException(
                        "got a model that is not Unigram; wanted T5's. Save this tokenizer as tokenizer.json.");
                case 24 when message.Number != 0:
                    throw new InvalidDataException("got blanks at the ends of words; wanted them before words.");
                case 35:
                    _options = _options with { ByteFallback = message.Number != 0 };
                    break;
                default:
                    break;
            }
        }
    }

    private void ReadNormalization(ProtoReader message)
    {
        while (message.Next())
        {
            switch (message.Field)
            {
                case 2 when message.Bytes.Length > 0:
                    _options = _options with { Normalize = CharacterMap.Read(message.Bytes).Normalize };
                    break;
                case 3:
                    _options = _options with { AddsPrefixSpace = message.Number != 0 };
                    break;
                case 4:
                    _options = _options with { CollapsesSpaces = message.Number != 0 };
                    break;
                default:
                    break;
            }
        }
    }
}
