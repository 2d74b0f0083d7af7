using LowRank.Cli.Terminal;

namespace LowRank.Cli.Demos;

/// <summary>What <c>lowrank demo completion</c> was asked to do.</summary>
internal sealed record DemoCompletionRequest(int Size, int Rank, double Observed)
{
    public void Validate()
    {
        if (Size is < 20 or > 5000)
        {
            throw new UsageException($"--size: got {Size}; wanted 20 to 5000.");
        }

        if (Rank < 1 || Rank > Size / 4)
        {
            throw new UsageException($"--rank: got {Rank}; wanted 1 to {Size / 4}, a quarter of the size.");
        }

        if (!(Observed > 0 && Observed < 1))
        {
            throw new UsageException(FormattableString.Invariant($"--observed: got {Observed}; wanted a share between 0 and 1."));
        }
    }
}
