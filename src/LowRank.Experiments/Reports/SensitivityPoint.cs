namespace LowRank.Experiments.Reports;

/// <summary>A choice and the mean test score it gave.</summary>
/// <param name="Choice">A rank, or a learning rate.</param>
/// <param name="Multiple">Of a learning rate: the multiple of the method's default; else the choice itself.</param>
/// <param name="Mean">The mean score.</param>
/// <param name="HalfWidth">Half the width of its 95 % confidence interval.</param>
public sealed record SensitivityPoint(double Choice, double Multiple, double Mean, double HalfWidth);
