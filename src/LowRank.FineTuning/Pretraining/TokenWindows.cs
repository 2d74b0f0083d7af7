using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Text as token ids, packed into windows of one length: no token is padding, none is cut off.</summary>
internal sealed class TokenWindows : TokenRows
{
    private readonly List<int[]> _ids = [];
    private readonly List<int[]> _types = [];

    private TokenWindows(IEnumerable<(IEnumerable<int> Ids, int Type)> stretches, int? start, int length)
    {
        var ids = new List<int>(length);
        var types = new List<int>(length);
        foreach (var (stretch, type) in stretches)
        {
            foreach (var id in stretch)
            {
                if (ids.Count == 0 && start is { } first)
                {
                    ids.Add(first);
                    types.Add(type);
                }

                ids.Add(id);
                types.Add(type);
                if (ids.Count == length)
                {
                    Close(ids, types);
                }
            }
        }

        if (ids.Count > 1)
        {
            Close(ids, types);
        }
    }

    /// <summary>BERT's way: the start token, and lines that end with the separator.</summary>
    /// <remarks>
    /// Lines take token types 0 and 1 in turn, as the two texts of a pair do: so the model has met pairs before it is
    /// fine-tuned on them.
    /// </remarks>
    public static TokenWindows OfPairs(IEnumerable<string> lines, TextEncoder encoder, int length, int typeCount)
    {
        var (start, separator) = (encoder.SpecialTokens.Start ?? 0, encoder.SpecialTokens.End ?? 0);
        return new(
            lines.Select((line, number) => (
                encoder.EncodePlain(line).Append(separator), typeCount > 1 ? number % 2 : 0)),
            start,
            length);
    }

    /// <summary>T5's way: nothing but text.</summary>
    public static TokenWindows OfText(IEnumerable<string> lines, TextEncoder encoder, int length) =>
        new(lines.Select(line => ((IEnumerable<int>)encoder.EncodePlain(line), 0)), null, length);

    public override int Count => _ids.Count;

    public override long Tokens => _ids.Sum(ids => (long)ids.Length);

    public override string Fingerprint => Digest(_ids);

    public override IEnumerable<int> Ids => _ids.SelectMany(ids => ids);

    public override TokenRow Row(int index, Seed seed) => new(_ids[index], _types[index]);

    private void Close(List<int> ids, List<int> types)
    {
        _ids.Add([.. ids]);
        _types.Add([.. types]);
        ids.Clear();
        types.Clear();
    }
}
