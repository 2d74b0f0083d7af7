using LowRank.Completion.Solvers;
using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>Fills a partly observed matrix: construct with options, then <see cref="Fit"/>.</summary>
/// <remarks>
/// The model is mean + row bias + column bias + left x (W_L ... W_1) x right^T (docs/theory.md, 4), fitted to the
/// observed entries only. Time and memory grow with the number of observed entries, never with rows x columns.
/// Instances are immutable and may be used by many threads at once.
/// </remarks>
/// <example>
/// <code>
/// var model = new MatrixCompletion().Fit(RatingsReader.Read("ratings.csv").Observed);
/// double rating = model.Predict("ann", "casablanca");
/// model.Save("model");
/// </code>
/// </example>
public sealed class MatrixCompletion
{
    private const int LargeEnoughForSingle = 2_000_000;

    /// <summary>A completion with the given options.</summary>
    /// <param name="options">The options; all defaults when null.</param>
    /// <exception cref="ArgumentException">An option is out of range; the message lists every fault.</exception>
    public MatrixCompletion(MatrixCompletionOptions? options = null)
    {
        Options = options ?? new();
        Options.Validate();
    }

    /// <summary>What the completion is made of.</summary>
    public MatrixCompletionOptions Options { get; }

    /// <summary>Fits the model.</summary>
    /// <param name="observed">The entries, at least one.</param>
    /// <param name="from">A model of the same rows and columns to go on from; null to start afresh.</param>
    /// <param name="progress">Told after every sweep, or at every check of gradient descent.</param>
    /// <param name="stop">Ends the fit early: the model so far comes back with StopReason.Cancelled.</param>
    /// <returns>The fitted model and its report. Divergence is reported, not thrown.</returns>
    /// <exception cref="ArgumentException">No entries, or a rank that the matrix is too small for.</exception>
    public CompletionModel Fit(
        ObservedMatrix observed,
        CompletionModel? from = null,
        IProgress<CompletionProgress>? progress = null,
        CancellationToken stop = default)
    {
        Check.NotNull(observed);
        Check.That(observed.Count > 0, nameof(observed), "observed: got no entries; wanted at least one.");
        from?.CheckFits(observed);
        var heldOut = FitRequest.ChooseValidation(observed, Options);
        var request = new FitRequest(observed, Options, RankFor(observed), heldOut, from, progress, stop);
        return Options.Method switch
        {
            VariationalBayes bayes when PrecisionFor(bayes, observed) == CompletionPrecision.Float32 =>
                VariationalFit.Run<float>(request, bayes, CompletionPrecision.Float32),
            VariationalBayes bayes => VariationalFit.Run<double>(request, bayes, CompletionPrecision.Float64),
            CompressedDescent { Precision: CompletionPrecision.Float32 } descent =>
                new DescentFit<float>(request, descent, CompletionPrecision.Float32).Run(),
            CompressedDescent descent => new DescentFit<double>(request, descent, CompletionPrecision.Float64).Run(),
            _ => throw new ArgumentException($"Method: got {Options.Method.GetType().Name}; wanted one of this library's."),
        };
    }

    private static CompletionPrecision PrecisionFor(VariationalBayes method, ObservedMatrix observed) =>
        method.Precision != CompletionPrecision.Automatic ? method.Precision
        : observed.Count > LargeEnoughForSingle ? CompletionPrecision.Float32
        : CompletionPrecision.Float64;

    private int RankFor(ObservedMatrix observed)
    {
        var side = Math.Min(observed.RowCount, observed.ColumnCount);
        var doubled = Options.Method is CompressedDescent;
        var largest = doubled ? side / 2 : side;
        if (Options.Rank is not { } rank)
        {
            return Math.Min(MatrixCompletionOptions.DefaultRank, largest);
        }

        Check.That(
            rank <= largest,
            nameof(Options.Rank),
            $"rank: got {rank}; wanted at most {largest} for a matrix of {observed.RowCount} x {observed.ColumnCount}"
            + (doubled ? ", since gradient descent carries two columns for each unit of rank." : "."));
        return rank;
    }
}
