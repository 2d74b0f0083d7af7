using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Transformers.T5;

/// <summary>The four products of an attention block, of a text with itself or with the source.</summary>
internal sealed class T5Attention : torch.nn.Module
{
    private readonly DenseLayer _query;
    private readonly DenseLayer _key;
    private readonly DenseLayer _value;
    private readonly DenseLayer _output;

    public T5Attention(T5Config config)
        : base("attention")
    {
        var inner = config.HeadCount * config.HeadWidth;
        _query = Layers.Product(config.HiddenSize, inner);
        _key = Layers.Product(config.HiddenSize, inner);
        _value = Layers.Product(config.HiddenSize, inner);
        _output = Layers.Product(inner, config.HiddenSize);
        this.Place("q", _query);
        this.Place("k", _key);
        this.Place("v", _value);
        this.Place("o", _output);
    }

    /// <summary>What may be looked at, [tokens, heads * width] each; the caller's scope owns them.</summary>
    public (torch.Tensor Keys, torch.Tensor Values) Memory(torch.Tensor hidden) =>
        (_key.call(hidden), _value.call(hidden));

    /// <summary>What is seen there, [asking tokens, hidden]; the caller's scope owns it.</summary>
    public torch.Tensor Attend(
        torch.Tensor asking,
        (torch.Tensor Keys, torch.Tensor Values) memory,
        AttentionShape shape,
        torch.Tensor? bias) =>
        _output.call(MultiHeadAttention.Attend(_query.call(asking), memory.Keys, memory.Values, shape, bias));

    /// <inheritdoc/>
    /// <remarks>Parts are placed under their checkpoint paths; their fields' names must not add a second one.</remarks>
    protected override void RegisterComponents()
    {
    }
}
