using LowRank.Tensors;

namespace LowRank.Transformers.Weights;

/// <summary>What a checkpoint's pickle may hold; there is deliberately no case for an arbitrary object.</summary>
internal abstract record PickledValue
{
    /// <summary>The kind of value, for messages.</summary>
    public string Kind => GetType().Name.ToLowerInvariant();

    /// <summary>None, a truth value, a real number or raw bytes: carried but never looked at.</summary>
    public sealed record Plain : PickledValue;

    /// <summary>A whole number.</summary>
    public sealed record Number(long Value) : PickledValue;

    /// <summary>A text.</summary>
    public sealed record Text(string Value) : PickledValue;

    /// <summary>A tuple or list.</summary>
    public sealed record Sequence(List<PickledValue> Items) : PickledValue;

    /// <summary>A dictionary, ordered or not.</summary>
    public sealed record Table(List<(PickledValue Key, PickledValue Value)> Items) : PickledValue;

    /// <summary>One of the few functions and types that a checkpoint may name.</summary>
    public sealed record Global(string Name) : PickledValue;

    /// <summary>A block of numbers beside the pickle.</summary>
    public sealed record Storage(string Key, TensorDtype Dtype, long Count) : PickledValue;

    /// <summary>A view of a storage.</summary>
    public sealed record Tensor(Storage Block, long Offset, long[] Shape, long[] Strides) : PickledValue;
}
