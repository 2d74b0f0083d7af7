namespace LowRank.Adapters;

/// <summary>Where a LoRA adapter starts; the update is zero in every case.</summary>
public enum LoraStart
{
    /// <summary>PEFT's default: A uniform in ±1/√in, B zero. For an embedding: A zero, B standard normal.</summary>
    Kaiming,

    /// <summary>PEFT's <c>gaussian</c>: A normal with standard deviation 1/rank, B zero.</summary>
    Gaussian,

    /// <summary>The Deep LoRA reference code's baseline: A zero, B standard normal (set alpha to the rank).</summary>
    Mirrored,
}
