using LowRank.Adapters;

namespace LowRank.Experiments.Methods;

/// <summary>A way to adapt a model that takes part in comparisons.</summary>
/// <param name="Name">What it is called on the command line, in tables and in file names.</param>
/// <param name="Description">What it is, in a few words.</param>
/// <param name="Create">The adapter's options at a rank.</param>
/// <param name="HasRank">Whether the rank means anything to it; if not, it runs once instead of once per rank.</param>
public sealed record AdapterMethod(
    string Name, string Description, Func<int, AdapterOptions> Create, bool HasRank = true)
{
    /// <summary>The adapters' learning rate that a user gets who does not choose one.</summary>
    /// <param name="rank">The rank; means nothing to a method without ranks.</param>
    /// <returns>The rate.</returns>
    public double DefaultLearningRate(int rank) => Create(rank).DefaultLearningRate;

    /// <summary>The ranks to run of those asked for.</summary>
    /// <param name="ranks">Ranks.</param>
    /// <returns>The same; a single 0 when there is no rank to speak of.</returns>
    public IReadOnlyList<int> RanksOf(IReadOnlyList<int> ranks) => HasRank ? ranks : [0];
}
