using LowRank.Experiments.Reproduction.Language;
using LowRank.Experiments.Reproduction.Targets;
using LowRank.Tensors;

namespace LowRank.Experiments.Reproduction;

/// <summary>All targets.</summary>
public static class TargetCatalogue
{
    /// <summary>The targets in the order of the paper.</summary>
    public static IReadOnlyList<Target> All { get; } =
    [
        new TheoryCheck(),
        new DepthAndWidth(),
        new SingularPicture(),
        new Trajectories(),
        new CompressionAgainstWidth(),
        new IntroductionRun(),
        new FewShotSimilarity(),
        new RankHistogram(),
        new RankSweep(),
        new WideAndNarrow(),
        new ManyTasks(),
        new WrittenTexts(),
        new OtherOptimizers(),
        new CompanionCompletion(),
        new CompanionFactorization(),
        new CompanionSensing(),
        new CompanionAlpha(),
        new CompanionDepth(),
        new GammaSensitivity(),
    ];

    /// <summary>Finds a target by its id.</summary>
    /// <param name="id">The id, in any case.</param>
    /// <returns>The target.</returns>
    /// <exception cref="ArgumentException">There is none; the text lists them.</exception>
    public static Target Find(string id) =>
        All.FirstOrDefault(target => target.Id.Equals(Check.NotBlank(id), StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"target: got '{id}'; wanted one of {string.Join(", ", All.Select(target => target.Id))}.", nameof(id));
}
