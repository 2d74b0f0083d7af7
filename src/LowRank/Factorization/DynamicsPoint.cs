namespace LowRank.Factorization;

/// <summary>What was seen at one step.</summary>
/// <param name="Step">Steps taken so far; 0 is the start.</param>
/// <param name="Loss">The loss.</param>
/// <param name="ProductSpectrum">Singular values of the product, descending; empty when not recorded.</param>
/// <param name="EffectiveRank">Effective rank of the product; NaN when its spectrum is not recorded.</param>
/// <param name="FactorSpectra">Singular values of each factor, descending; empty when not recorded.</param>
/// <param name="LeftAngles">
/// For each factor 2r + 1 angles in radians of left singular vectors against the reference record: the first r one by
/// one, the middle ones as a subspace (its largest principal angle), the last r one by one. Empty when not recorded,
/// and before the reference.
/// </param>
/// <param name="RightAngles">The same for the right singular vectors.</param>
/// <param name="FrozenScales">The measured frozen value ρ of each factor; empty without invariant subspaces.</param>
/// <param name="Leaks">How far each factor is from the theorem's form; empty without invariant subspaces.</param>
public sealed record DynamicsPoint(
    int Step,
    double Loss,
    IReadOnlyList<double> ProductSpectrum,
    double EffectiveRank,
    IReadOnlyList<IReadOnlyList<double>> FactorSpectra,
    IReadOnlyList<IReadOnlyList<double>> LeftAngles,
    IReadOnlyList<IReadOnlyList<double>> RightAngles,
    IReadOnlyList<double> FrozenScales,
    IReadOnlyList<double> Leaks);
