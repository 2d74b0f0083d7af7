namespace LowRank.Adapters;

/// <summary>Where a LoRA adapter starts; the update is zero in every case, to rounding.</summary>
public enum LoraStart
{
    /// <summary>PEFT's default: A uniform in ±1/√in, B zero. For an embedding: A zero, B standard normal.</summary>
    Kaiming,

    /// <summary>PEFT's <c>gaussian</c>: A normal with standard deviation 1/rank, B zero.</summary>
    Gaussian,

    /// <summary>The Deep LoRA reference code's baseline: A zero, B standard normal (set alpha to the rank).</summary>
    Mirrored,

    /// <summary>
    /// PEFT's <c>orthogonal</c>: A and B both random, on orthogonal halves of the rank, so that B·A is zero. Needs an
    /// even rank.
    /// </summary>
    Orthogonal,

    /// <summary>
    /// PiSSA (Meng et al. 2024): the leading singular directions of the layer's weight, divided evenly between A and B.
    /// The base weight stays as it is: the start's own product is subtracted at run time instead.
    /// </summary>
    Pissa,

    /// <summary>
    /// OLoRA (Büyükakyüz 2024): the leading part of the weight's QR decomposition; otherwise as <see cref="Pissa"/>.
    /// </summary>
    Olora,
}
