using LowRank.Experiments.Comparisons;
using LowRank.Experiments.Methods;
using LowRank.Tensors;

namespace LowRank.Experiments.Reports;

/// <summary>What a comparison's runs amount to; what <c>report.json</c> holds.</summary>
public sealed record ComparisonReport
{
    /// <summary>What all runs share.</summary>
    public required ComparisonSettings Settings { get; init; }

    /// <summary>The method that the others are measured against.</summary>
    public required string Baseline { get; init; }

    /// <summary>The runs that there are.</summary>
    public required int Runs { get; init; }

    /// <summary>The runs that are missing, so that some means are over fewer seeds than others.</summary>
    public required int Missing { get; init; }

    /// <summary>The seeds.</summary>
    public required IReadOnlyList<long> Seeds { get; init; }

    /// <summary>The different program and library versions of the runs; more than one deserves a look.</summary>
    public required IReadOnlyList<RunVersions> Versions { get; init; }

    /// <summary>
    /// Each method at the learning rate with the best mean validation score: by samples, rank and method.
    /// </summary>
    public required IReadOnlyList<MethodResult> AtBestRate { get; init; }

    /// <summary>Each method at its default learning rate.</summary>
    public required IReadOnlyList<MethodResult> AtDefaultRate { get; init; }

    /// <summary>How much the rank matters, each at its best learning rate.</summary>
    public required IReadOnlyList<Sensitivity> ByRank { get; init; }

    /// <summary>How much the learning rate matters.</summary>
    public required IReadOnlyList<Sensitivity> ByRate { get; init; }

    /// <summary>Every score that the above are made of.</summary>
    public required IReadOnlyList<MethodScore> Scores { get; init; }

    /// <summary>What the runs took.</summary>
    public required IReadOnlyList<MethodCost> Cost { get; init; }

    /// <summary>Makes the report of a folder's runs.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="baseline">The method to measure against; its results are there, or no differences are.</param>
    /// <returns>The report.</returns>
    /// <exception cref="InvalidDataException">There are no runs, or a file is malformed.</exception>
    public static ComparisonReport Of(ComparisonFolder folder, string baseline = MethodCatalogue.Baseline)
    {
        var runs = Check.NotNull(folder).ReadRuns();
        return runs.Count > 0
            ? new ReportBuilder(folder.Settings, MethodCatalogue.Find(baseline).Name, runs).Build()
            : throw new InvalidDataException($"{folder.Path}: there are no runs yet; wanted at least one to report on.");
    }
}
