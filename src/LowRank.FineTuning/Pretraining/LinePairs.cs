using LowRank.Tensors;
using LowRank.Transformers.Tokenization;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Lines and what follows them in their passage, or, half the time, a line of another passage near by.</summary>
/// <remarks>
/// After the second task of BERT's authors. Lines from near by are about like things, so that it takes more than the
/// topic to tell whether two lines belong together.
/// </remarks>
internal sealed class LinePairs : TokenRows
{
    private const int Reach = 50;
    private readonly TextEncoder _encoder;
    private readonly List<int[]> _lines = [];
    private readonly List<int> _passages = [];
    private readonly List<int> _followed = [];
    private readonly int _most;
    private readonly int _secondType;

    public LinePairs(IEnumerable<IReadOnlyList<string>> passages, TextEncoder encoder, int length, int typeCount)
    {
        _encoder = encoder;
        _secondType = Math.Min(1, typeCount - 1);
        _most = (length - encoder.SpecialTokenCount(pair: true)) / 2;
        foreach (var (number, passage) in passages.Index())
        {
            foreach (var line in passage)
            {
                if (_passages.Count > 0 && _passages[^1] == number)
                {
                    _followed.Add(_lines.Count - 1);
                }

                var ids = encoder.EncodePlain(line);
                _lines.Add(ids.Length > _most ? ids[.._most] : ids);
                _passages.Add(number);
            }
        }
    }

    public override int Count => _followed.Count;

    public override long Tokens => _followed.Sum(line => (long)_lines[line].Length + _lines[line + 1].Length);

    public override string Fingerprint => Digest(_lines);

    public override IEnumerable<int> Ids => _lines.SelectMany(ids => ids);

    public override TokenRow Row(int index, Seed seed)
    {
        var random = seed.For("pair").Random();
        var line = _followed[index];
        var apart = random.Next(2) == 0;
        var other = line + 1;
        for (var tries = 0; apart && _passages[other] == _passages[line] && tries < Reach; tries++)
        {
            other = Math.Clamp(line + random.Next(-Reach, Reach + 1), 0, _lines.Count - 1);
        }

        apart = _passages[other] != _passages[line];
        var (first, second) = (_lines[line], _lines[apart ? other : line + 1]);
        var (start, end) = (_encoder.SpecialTokens.Start ?? 0, _encoder.SpecialTokens.End ?? 0);
        int[] ids = [start, .. first, end, .. second, end];
        var types = new int[ids.Length];
        types.AsSpan(first.Length + 2).Fill(_secondType);
        return new(ids, types, apart);
    }
}
