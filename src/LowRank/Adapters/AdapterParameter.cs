using TorchSharp.Modules;

namespace LowRank.Adapters;

/// <summary>One trained tensor and how fast it learns relative to the others.</summary>
/// <param name="Name">
/// Its full name: the layer's path and the factor (<c>encoder.query.factor_0</c>), or the parameter's own path for a
/// head.
/// </param>
/// <param name="Value">The parameter; it belongs to the adapter or the model.</param>
/// <param name="RateRatio">Its learning rate as a multiple of its group's: 1, or gamma for outer factors.</param>
/// <param name="IsHead">True for a head trained in full, false for an adapter's factor.</param>
public sealed record AdapterParameter(string Name, Parameter Value, double RateRatio, bool IsHead);
