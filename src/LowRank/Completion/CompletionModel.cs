using LowRank.Completion.Solvers;
using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>A fitted completion: predicts any cell of the matrix.</summary>
/// <remarks>
/// Immutable; every member may be called by many threads at once. A row or column that was never seen falls back to
/// the biases, and to the mean when both are new: a prediction is always a finite number.
/// </remarks>
public sealed class CompletionModel
{
    internal CompletionModel(
        ChainFactors factors, IdMap? rowIds, IdMap? columnIds, double low, double high, Seen? seen, CompletionReport report)
    {
        (Factors, RowIds, ColumnIds, Low, High, Seen, Report) = (factors, rowIds, columnIds, low, high, seen, report);
    }

    /// <summary>How the fit went.</summary>
    public CompletionReport Report { get; }

    /// <summary>Number of rows.</summary>
    public int RowCount => Factors.Left.Rows;

    /// <summary>Number of columns.</summary>
    public int ColumnCount => Factors.Right.Rows;

    /// <summary>The user's names of the rows; null when rows are known by their numbers, from 0.</summary>
    public IdMap? RowIds { get; }

    /// <summary>The user's names of the columns; null when columns are known by their numbers, from 0.</summary>
    public IdMap? ColumnIds { get; }

    /// <summary>The lowest prediction: the smallest value seen, or minus infinity when predictions are not clamped.</summary>
    public double Low { get; }

    /// <summary>The highest prediction: the largest value seen, or infinity when predictions are not clamped.</summary>
    public double High { get; }

    /// <summary>Mean of the values seen (zero in a model without biases), in the data's units.</summary>
    public double Mean => Factors.Mean;

    /// <summary>Whether the model knows which entries it was fitted to.</summary>
    public bool RemembersObserved => Seen is not null;

    internal ChainFactors Factors { get; }

    internal Seen? Seen { get; }

    /// <summary>Loads a model that <see cref="Save"/> wrote.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <returns>The model; its predictions are those of the saved one.</returns>
    /// <exception cref="FileNotFoundException">The folder or one of its files is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or of another kind.</exception>
    public static CompletionModel Load(string folder) => CompletionFolder.Read(Check.NotBlank(folder));

    /// <summary>Writes the model as <c>model.safetensors</c> and <c>model.json</c>.</summary>
    /// <param name="folder">The folder, made when missing; a model in it is replaced.</param>
    /// <exception cref="IOException">The folder cannot be written; a model that was there is still whole.</exception>
    public void Save(string folder) => CompletionFolder.Write(this, Check.NotBlank(folder));

    /// <summary>Predicts a cell by the user's ids.</summary>
    /// <param name="rowId">The row; one that was never seen is allowed.</param>
    /// <param name="columnId">The column; one that was never seen is allowed.</param>
    /// <returns>The prediction, in the data's units.</returns>
    public double Predict(string rowId, string columnId) => Predict(IndexOfRow(rowId), IndexOfColumn(columnId));

    /// <summary>Predicts a cell by row and column number.</summary>
    /// <param name="row">Row, from 0; -1 for one that was never seen.</param>
    /// <param name="column">Column, from 0; -1 for one that was never seen.</param>
    /// <returns>The prediction, in the data's units.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number beyond the matrix.</exception>
    public double Predict(int row, int column)
    {
        Check.InRange(row, -1, RowCount - 1);
        Check.InRange(column, -1, ColumnCount - 1);
        return Math.Clamp(Factors.Predict(row, column), Low, High);
    }

    /// <summary>Predicts a whole row.</summary>
    /// <param name="row">Row, from 0; -1 for one that was never seen.</param>
    /// <param name="predictions">[columns], filled.</param>
    public void PredictRow(int row, Span<double> predictions)
    {
        Check.InRange(row, -1, RowCount - 1);
        Check.That(
            predictions.Length == ColumnCount,
            nameof(predictions),
            $"predictions: got room for {predictions.Length}; wanted {ColumnCount}, one for each column.");
        for (var j = 0; j < predictions.Length; j++)
        {
            predictions[j] = Math.Clamp(Factors.Predict(row, j), Low, High);
        }
    }

    /// <summary>The columns with the highest predictions for a row.</summary>
    /// <param name="rowId">The row; one that was never seen gets the columns with the highest biases.</param>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="includeObserved">Whether columns that the row was observed in may be among them.</param>
    /// <returns>Best first; equal predictions in column order. Fewer when the matrix has fewer.</returns>
    /// <exception cref="InvalidOperationException">
    /// Observed columns are to be left out, but the model was told not to remember them.
    /// </exception>
    public IReadOnlyList<Recommendation> Top(string rowId, int count, bool includeObserved = false)
    {
        Check.AtLeast(count, 1);
        var row = IndexOfRow(rowId);
        if (!includeObserved && Seen is null)
        {
            throw new InvalidOperationException(
                "This model does not remember what it was fitted to, so it cannot leave those entries out; "
                + "ask for all of them, or fit with RememberObserved.");
        }

        var best = new PriorityQueue<int, (double Score, int Order)>(count + 1);
        var seen = includeObserved || row < 0 ? [] : Seen!.Of(row);
        var at = 0;
        for (var j = 0; j < ColumnCount; j++)
        {
            if (at < seen.Length && seen[at] == j)
            {
                at++;
                continue;
            }

            // Ranked before clamping, so that many columns at the top of the range still have an order.
            best.Enqueue(j, (Factors.Predict(row, j), -j));
            if (best.Count > count)
            {
                best.Dequeue();
            }
        }

        var list = new List<Recommendation>(best.Count);
        while (best.TryDequeue(out var j, out var rank))
        {
            list.Add(new(ColumnIds?[j] ?? $"{j}", Math.Clamp(rank.Score, Low, High)));
        }

        list.Reverse();
        return list;
    }

    /// <summary>Compares predictions with values that the model may not have seen; ids are matched by their text.</summary>
    /// <param name="test">The entries; rows and columns that the model does not know fall back to the biases.</param>
    /// <returns>The score over all entries.</returns>
    public CompletionScore Score(ObservedMatrix test)
    {
        Check.NotNull(test);
        var rows = Match(test.RowIds, RowIds, test.RowCount, RowCount);
        var columns = Match(test.ColumnIds, ColumnIds, test.ColumnCount, ColumnCount);
        double squares = 0, absolutes = 0;
        for (var k = 0; k < test.Count; k++)
        {
            var prediction = Math.Clamp(Factors.Predict(rows[test.Rows[k]], columns[test.Columns[k]]), Low, High);
            var error = prediction - test.Values[k];
            squares += error * error;
            absolutes += Math.Abs(error);
        }

        return CompletionScore.From(squares, absolutes, test.Count);
    }

    /// <summary>Throws unless the model has the shape and ids of a matrix.</summary>
    internal void CheckFits(ObservedMatrix observed) =>
        Check.That(
            observed.RowCount == RowCount && observed.ColumnCount == ColumnCount
                && SameIds(observed.RowIds, RowIds) && SameIds(observed.ColumnIds, ColumnIds),
            "from",
            $"from: got a model of {RowCount} x {ColumnCount}; wanted one of the same rows and columns as the data, "
            + $"{observed.RowCount} x {observed.ColumnCount}.");

    private static bool SameIds(IdMap? a, IdMap? b) =>
        ReferenceEquals(a, b) || (a is not null && b is not null && a.Ids.SequenceEqual(b.Ids));

    private static int[] Match(IdMap? from, IdMap? to, int fromCount, int toCount)
    {
        var places = new int[fromCount];
        for (var i = 0; i < fromCount; i++)
        {
            places[i] = ReferenceEquals(from, to) ? (i < toCount ? i : -1) : IndexOf(to, from?[i] ?? $"{i}", toCount);
        }

        return places;
    }

    private static int IndexOf(IdMap? ids, string id, int count)
    {
        if (ids is not null)
        {
            return ids.TryIndexOf(id, out var found) ? found : -1;
        }

        return int.TryParse(id, out var number) && number >= 0 && number < count ? number : -1;
    }

    private int IndexOfRow(string id) => IndexOf(RowIds, Check.NotNull(id), RowCount);

    private int IndexOfColumn(string id) => IndexOf(ColumnIds, Check.NotNull(id), ColumnCount);
}
