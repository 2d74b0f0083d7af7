namespace LowRank.Adapters;

/// <summary>The three forms of Deep LoRA.</summary>
public enum DeepLoraForm
{
    /// <summary>
    /// Factors of the rank's width, started as random semi-orthogonal matrices times the initial scale.
    /// </summary>
    Narrow,

    /// <summary>
    /// Two outer factors found from the first gradient and <c>depth</c> inner rank × rank factors: starts where the
    /// wide form would, at the narrow form's cost.
    /// </summary>
    Compressed,

    /// <summary>
    /// Full width, the paper's overparameterized model: for research only, it needs the memory it names.
    /// </summary>
    Wide,
}
