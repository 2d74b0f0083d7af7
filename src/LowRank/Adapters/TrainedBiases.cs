namespace LowRank.Adapters;

/// <summary>Which biases of the model are trained beside LoRA's factors.</summary>
internal enum TrainedBiases
{
    None,
    All,

    /// <summary>Those of the adapted layers.</summary>
    LoraOnly,
}
