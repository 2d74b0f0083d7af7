using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Text as token ids, packed into windows of one length: no token is padding, none is cut off.</summary>
/// <remarks>
/// A window is the start token and a stretch of text. Each line ends with the separator, and lines take token types 0
/// and 1 in turn, as the two texts of a pair do: so the model has met pairs before it is fine-tuned on them.
/// </remarks>
internal sealed class TokenWindows : TokenRows
{
    private readonly List<int[]> _ids = [];
    private readonly List<int[]> _types = [];

    public TokenWindows(IEnumerable<string> lines, TextEncoder encoder, int length, int typeCount)
    {
        var (start, separator) = (encoder.SpecialTokens.Start ?? 0, encoder.SpecialTokens.End ?? 0);
        var ids = new List<int>(length);
        var types = new List<int>(length);
        var type = 0;
        foreach (var line in lines)
        {
            foreach (var id in encoder.EncodePlain(line).Append(separator))
            {
                if (ids.Count == 0)
                {
                    ids.Add(start);
                    types.Add(type);
                }

                ids.Add(id);
                types.Add(type);
                if (ids.Count == length)
                {
                    Close(ids, types);
                }
            }

            type = typeCount > 1 ? 1 - type : 0;
        }

        if (ids.Count > 1)
        {
            Close(ids, types);
        }
    }

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
