using LowRank.Completion.Kernels;

namespace LowRank.Completion.Solvers;

/// <summary>What a solver found: value = mean + row bias + column bias + left row . right row.</summary>
internal sealed record FittedFactors(
    double Mean, double[] RowBiases, double[] ColumnBiases, Tall<double> Left, Tall<double> Right);
