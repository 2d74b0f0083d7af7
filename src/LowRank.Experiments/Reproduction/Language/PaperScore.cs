namespace LowRank.Experiments.Reproduction.Language;

/// <summary>A score of the paper's runs.</summary>
/// <param name="Mean">The mean over its seeds.</param>
/// <param name="Deviation">Their standard deviation.</param>
/// <param name="Seeds">How many.</param>
internal sealed record PaperScore(double Mean, double Deviation, int Seeds)
{
    private const double Errors = 3;

    /// <summary>The mean, give or take three standard errors of the difference of two such means.</summary>
    public Expectation Band()
    {
        var half = Errors * Deviation * Math.Sqrt(2.0 / Seeds);
        return new(Mean, Mean - half, Mean + half, $"the authors' {Seeds} runs, three standard errors of a difference of two such means");
    }
}
