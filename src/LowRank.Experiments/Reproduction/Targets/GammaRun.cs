using System.Globalization;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>A network of the study.</summary>
/// <param name="Network">original, compressed or narrow.</param>
/// <param name="Estimate">What the rank is taken for; the width is twice it, but for the original.</param>
/// <param name="Gamma">The rate of the outer factors.</param>
/// <param name="Iterations">What is expected; infinity for never, NaN for divergence.</param>
/// <param name="Error">The recovery error to expect at the end; null where only the iterations count.</param>
internal sealed record GammaRun(string Network, int Estimate, double Gamma, double Iterations, double? Error = null)
{
    public IReadOnlyList<(string Name, string Value)> Labels =>
        [("network", Network), ("estimate", Text(Estimate)), ("gamma", Text(Gamma))];

    public string Rate => $"γ = {Text(Gamma)}";

    public string Name => Network switch
    {
        "compressed" => $"compressed, estimate {Text(Estimate)}, {Rate}",
        "narrow" => $"narrow, width {Text(2 * Estimate)}",
        _ => Network,
    };

    /// <summary>The runs of this network.</summary>
    public IEnumerable<CellRecord> Among(IReadOnlyList<CellRecord> records) =>
        records.Where(record => Labels.All(label => record.Labels.GetValueOrDefault(label.Name) == label.Value));

    private static string Text(double number) => number.ToString("0.####", CultureInfo.InvariantCulture);
}
