namespace LowRank.FineTuning.Metrics;

/// <summary>How well one class is found.</summary>
/// <param name="Label">The class's name.</param>
/// <param name="Precision">The share of rows taken for the class that are of it, 0 to 1; 0 when none was.</param>
/// <param name="Recall">The share of the class's rows that were found, 0 to 1; 0 when it has none.</param>
/// <param name="F1">The harmonic mean of precision and recall, 0 to 1; 0 when both are.</param>
/// <param name="Support">The rows that are truly of the class.</param>
/// <param name="Predicted">The rows that were taken for it.</param>
public sealed record ClassScores(
    string Label, double Precision, double Recall, double F1, int Support, int Predicted);
