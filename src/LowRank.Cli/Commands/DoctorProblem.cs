namespace LowRank.Cli.Commands;

/// <summary>Something that is wrong, and what mends it.</summary>
internal sealed record DoctorProblem(string What, string Remedy);
