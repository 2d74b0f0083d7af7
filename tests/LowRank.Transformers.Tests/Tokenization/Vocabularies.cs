namespace LowRank.Transformers.Tests.Tokenization;

/// <summary>Small made-up vocabularies.</summary>
internal static class Vocabularies
{
    public static readonly string[] BertSpecials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>BERT's special tokens, then the pieces given, numbered from 0.</summary>
    public static Dictionary<string, int> Bert(params string[] pieces) => Number([.. BertSpecials, .. pieces]);

    /// <summary>The 256 bytes, the merges' results, then the extra pieces, numbered from 0.</summary>
    public static (Dictionary<string, int> Vocabulary, List<(string Left, string Right)> Merges) Bytes(
        string merges = "", params string[] extra)
    {
        var pairs = merges.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('+'))
            .Select(pair => (pair[0], pair[1]))
            .ToList();
        var bytes = Enumerable.Range(0, 256)
            .Select(value => Transformers.Tokenization.ByteAlphabet.Letter((byte)value).ToString());
        return (Number([.. bytes, .. pairs.Select(pair => pair.Item1 + pair.Item2), .. extra]), pairs);
    }

    public static Dictionary<string, int> Number(IReadOnlyList<string> pieces) =>
        pieces.Select((piece, id) => (piece, id)).ToDictionary(entry => entry.piece, entry => entry.id);
}
