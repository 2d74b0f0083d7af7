using System.Numerics;
using LowRank.Factorization;

namespace LowRank.Completion.Solvers;

/// <summary>Where a descent ended, and why.</summary>
internal sealed record DescentEnd<T>(DescentPoint<T> Point, StopReason Reason, CompletionScore? Validation)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>;
