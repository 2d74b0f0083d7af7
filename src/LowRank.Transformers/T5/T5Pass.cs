using LowRank.Transformers.Blocks;
using LowRank.Transformers.Encoders;
using TorchSharp;

namespace LowRank.Transformers.T5;

/// <summary>One pass through a stack: its tokens, what they look at, and its dropout.</summary>
/// <param name="Config">The model's shape.</param>
/// <param name="Tokens">The tokens that pass, and their dropout.</param>
internal sealed record T5Pass(T5Config Config, EncoderPass Tokens)
{
    /// <summary>What the decoder looks at across; null in the encoder.</summary>
    public EncodedTexts? Source { get; init; }

    /// <summary>What the decoder has read before; null without a cache.</summary>
    public DecoderCache? Cache { get; init; }

    /// <summary>Added to the scores of a text with itself, by distance; the same in every layer.</summary>
    public torch.Tensor? Bias { get; init; }

    /// <summary>How a text looks at itself.</summary>
    public AttentionShape Self(string place) =>
        Shape(Tokens.Batch.Layout, Cache?.Layout ?? Tokens.Batch.Layout, place) with
        {
            // With a cache the keys are the past and nothing else.
            Causal = Source is not null && Cache is null,
        };

    /// <summary>How a target looks at its source.</summary>
    public AttentionShape Cross(EncodedTexts source, string place) =>
        Shape(source.Askers(Tokens.Batch), source.Layout, place);

    private AttentionShape Shape(RowLayout queries, RowLayout keys, string place) =>
        new(
            queries,
            keys,
            Config.HeadCount,
            Config.HeadWidth,
            Tokens.Dropout is null ? 0 : Config.DropoutRate,
            Tokens.SeedOf($"{place}/probabilities"))
        {
            Scale = 1,
        };
}
