namespace LowRank.Acceptance;

/// <summary>Tests that change the process's current folder; they run alone.</summary>
[CollectionDefinition(nameof(CurrentFolder), DisableParallelization = true)]
public sealed class CurrentFolder;
