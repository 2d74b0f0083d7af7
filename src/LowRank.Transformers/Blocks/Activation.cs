namespace LowRank.Transformers.Blocks;

/// <summary>The curve between the two products of a feed-forward block.</summary>
public enum Activation
{
    /// <summary>x times the normal distribution function of x, exactly (<c>gelu</c>).</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU (<c>gelu_new</c>, <c>gelu_pytorch_tanh</c>, <c>gelu_fast</c>).</summary>
    GeluTanh,

    /// <summary>max(x, 0) (<c>relu</c>).</summary>
    Relu,

    /// <summary>x times the logistic function of x (<c>silu</c>, <c>swish</c>).</summary>
    Silu,
}
