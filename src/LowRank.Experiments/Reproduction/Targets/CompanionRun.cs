using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>One run of the earlier paper's studies.</summary>
internal static class CompanionRun
{
    /// <summary>The full-width network from an orthogonal start.</summary>
    public const string Original = "original";

    /// <summary>The narrow network from the surrogate's singular vectors.</summary>
    public const string Compressed = "compressed";

    /// <summary>A target with singular triplets spread over the upper half of a Gaussian matrix's.</summary>
    public const string Spread = "spread";

    /// <summary>A target with a Gaussian matrix's largest singular triplets.</summary>
    public const string Top = "top";

    private const double Dropped = 1e-10; // the loss has dropped once it is below

    /// <summary>The two ways to choose the target's singular triplets.</summary>
    public static IReadOnlyList<string> Spectra { get; } = [Spread, Top];

    /// <summary>Where the expected numbers belong, for a report's remarks.</summary>
    public const string SpectraRemark =
        "\"Spread\" is the target of the published code: the singular triplets 0, d/(2r), 2d/(2r) … of a Gaussian matrix. \"Top\" keeps its r largest, "
            + "a line that is commented out there. The figures do not say which of the two they were made with, so both are held against them.";

    /// <summary>Descends.</summary>
    /// <param name="setup">The settings.</param>
    /// <param name="network">The network.</param>
    /// <param name="spectrum">The target's singular triplets.</param>
    /// <param name="seed">Decides the matrix, what is known of it and the start: the same for all networks.</param>
    /// <param name="context">What the run was given.</param>
    /// <returns>
    /// As <see cref="WatchedDescent.Run"/>, with <c>drop</c>: iterations to a loss below 1e-10, and the last iteration where it is never so low.
    /// </returns>
    public static CellResult Run(CompanionSetup setup, string network, string spectrum, int seed, CellContext context)
    {
        var own = Seed.From(seed);
        using var problem = CompanionProblem.Draw(setup, spectrum == Spread, own, context.Device);
        using var model = network == Original
            ? DeepFactorization.Create(
                setup.Size,
                setup.Size,
                new() { Depth = setup.Depth, InitialScale = setup.InitialScale, Device = context.Device },
                own.For("model"))
            : Narrow(setup, problem.Surrogate);

        // A network of two factors has no inner one, so that alpha changes the step of all.
        var step = network == Compressed && setup.Depth == 2 ? setup.Step * setup.Alpha : setup.Step;
        var result = new WatchedDescent(
            new()
            {
                StepSize = step,
                OuterRate = setup.Alpha,
                MaxSteps = setup.MaxSteps,
                CheckEvery = setup.CheckEvery,
                Tolerance = setup.Tolerance,
            },
            context)
        {
            Recovery = problem.Recovery,
        }.Run(model, problem.Train);
        return ThinCurve.Of(Finished(result, problem));
    }

    // εVᵀ, εI, εU; with two factors Vᵀ and U without the scale, as in the published notebook.
    private static MatrixModel Narrow(CompanionSetup setup, Tensor surrogate)
    {
        using var scope = NewDisposeScope();
        var width = 2 * setup.Rank;
        var (left, _, right) = linalg.svd(surrogate, fullMatrices: false);
        var (first, last) = (right.narrow(0, 0, width), left.narrow(1, 0, width));
        return setup.Depth == 2
            ? DeepFactorization.FromFactors(first, last)
            : CompressedFactorization.FromFactors(
            [
                first * setup.InitialScale,
                .. Enumerable.Repeat(eye(width, dtype: ScalarType.Float64, device: surrogate.device) * setup.InitialScale, setup.Depth - 2),
                last * setup.InitialScale,
            ]);
    }

    private static CellResult Finished(CellResult result, CompanionProblem problem)
    {
        var curve = result.Series["curve"].Select(row => (IReadOnlyList<double>)[row[0], row[1], problem.ErrorOf(row[2]), .. row.Skip(3)]).ToList();
        return result with
        {
            Numbers = new Dictionary<string, double>(result.Numbers)
            {
                ["recovery_error"] = curve[^1][2],
                ["drop"] = (curve.FirstOrDefault(row => row[1] < Dropped) ?? curve[^1])[0],
            },
            Series = new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>> { ["curve"] = curve },
        };
    }
}
