namespace LowRank.Completion;

/// <summary>Observed entries parted in two: some to learn from, the others to judge by.</summary>
/// <param name="Train">The entries to learn from.</param>
/// <param name="HeldOut">The entries kept aside. Rows and columns are numbered as in <paramref name="Train"/>.</param>
public sealed record ObservedSplit(ObservedMatrix Train, ObservedMatrix HeldOut);
