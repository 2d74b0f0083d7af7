namespace LowRank.Transformers.Tokenization;

/// <summary>How special tokens are set around one text, and around two.</summary>
internal sealed record SequenceTemplate(
    IReadOnlyList<SequenceTemplate.Piece> Single, IReadOnlyList<SequenceTemplate.Piece> Pair)
{
    /// <summary>No special tokens; the second text follows the first (GPT-2).</summary>
    public static SequenceTemplate Plain { get; } =
        new([new(Source.First, 0, 0)], [new(Source.First, 0, 0), new(Source.Second, 0, 1)]);

    /// <summary>Where the ids of a piece come from.</summary>
    public enum Source
    {
        /// <summary>A special token.</summary>
        Special,

        /// <summary>The first text.</summary>
        First,

        /// <summary>The second text.</summary>
        Second,
    }

    /// <summary>One part of a sequence.</summary>
    /// <param name="Source">Where its ids come from.</param>
    /// <param name="Id">The special token's id; 0 for texts.</param>
    /// <param name="TypeId">The segment of all its ids.</param>
    public sealed record Piece(Source Source, int Id, int TypeId);

    /// <summary>BERT's: <c>[CLS] A [SEP]</c> and <c>[CLS] A [SEP] B [SEP]</c>, the second text of type 1.</summary>
    public static SequenceTemplate Bert(int start, int end) => new(
        [Special(start, 0), new(Source.First, 0, 0), Special(end, 0)],
        [Special(start, 0), new(Source.First, 0, 0), Special(end, 0), new(Source.Second, 0, 1), Special(end, 1)]);

    /// <summary>RoBERTa's <c>&lt;s&gt; A &lt;/s&gt;</c> and <c>&lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;</c>, all
    /// of type 0.</summary>
    public static SequenceTemplate Roberta(int start, int end) => new(
        [Special(start, 0), new(Source.First, 0, 0), Special(end, 0)],
        [Special(start, 0), new(Source.First, 0, 0), Special(end, 0), Special(end, 0), new(Source.Second, 0, 0),
            Special(end, 0)]);

    /// <summary>T5's <c>A &lt;/s&gt;</c> and <c>A &lt;/s&gt; B &lt;/s&gt;</c>, all of type 0.</summary>
    public static SequenceTemplate T5(int end) => new(
        [new(Source.First, 0, 0), Special(end, 0)],
        [new(Source.First, 0, 0), Special(end, 0), new(Source.Second, 0, 0), Special(end, 0)]);

    private static Piece Special(int id, int typeId) => new(Source.Special, id, typeId);
}
