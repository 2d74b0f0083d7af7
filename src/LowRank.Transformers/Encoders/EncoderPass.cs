using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.Encoders;

/// <summary>One forward pass: its batch and its dropout.</summary>
/// <param name="Batch">The packed rows.</param>
/// <param name="Dropout">The seed of this pass's masks; null for a pass without dropout.</param>
internal sealed record EncoderPass(TokenBatch Batch, Seed? Dropout)
{
    /// <summary>A pass for a module: with dropout in training mode, without in evaluation mode.</summary>
    /// <exception cref="InvalidOperationException">Training mode with dropout, but the batch has no seed.</exception>
    public static EncoderPass Of(TokenBatch batch, EncoderConfig config, bool training) => Of(
        batch, training && (config.HiddenDropout > 0 || config.AttentionDropout > 0 || config.HeadDropout > 0));

    /// <summary>A pass with dropout or without.</summary>
    /// <exception cref="InvalidOperationException">With dropout, but the batch has no seed.</exception>
    public static EncoderPass Of(TokenBatch batch, bool drops) =>
        !drops || batch.Dropout is not null
            ? new(batch, drops ? batch.Dropout : null)
            : throw new InvalidOperationException(
                "The model is in training mode and has dropout, but the batch has no dropout seed: give one to "
                + "its Create, or call eval() on the model.");

    /// <summary>x with dropout at a named place; x itself when the pass has none. The caller's scope owns it.</summary>
    public torch.Tensor Drop(torch.Tensor x, double rate, string place) =>
        Dropout is null || rate <= 0 ? x : x * Mask(x, rate, place);

    /// <summary>residual + dropout(x); a new tensor, owned by the caller's scope.</summary>
    /// <remarks>
    /// The sign + would take its factor of 1 from a scalar that a collection, started by another thread, can free during
    /// the native call; this one lives until after it.
    /// </remarks>
    public torch.Tensor DropAndAdd(torch.Tensor x, torch.Tensor residual, double rate, string place)
    {
        using Scalar one = 1;
        return Dropout is null || rate <= 0 ? residual.add(x, one) : residual.addcmul(x, Mask(x, rate, place), one);
    }

    /// <summary>The seed of a named place, where the pass has dropout.</summary>
    public Seed SeedOf(string place) => Dropout is { } seed ? seed.For(place) : default;

    private torch.Tensor Mask(torch.Tensor x, double rate, string place) =>
        RandomMask.Create(x.shape, rate, SeedOf(place), x.dtype, x.device);
}
