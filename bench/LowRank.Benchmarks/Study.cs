namespace LowRank.Benchmarks;

/// <summary>A measurement that prints a table.</summary>
/// <param name="Name">The word that starts it.</param>
/// <param name="Summary">One line of help.</param>
/// <param name="Run">Measures and prints.</param>
internal sealed record Study(string Name, string Summary, Action<string[]> Run);
