namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Makes curves small enough to keep beside the program.</summary>
internal static class ThinCurve
{
    private const int MostRows = 100;

    /// <summary>A run's result with the curve alone, of at most a hundred rows or so; the first and the last row stay.</summary>
    /// <param name="result">What <see cref="WatchedDescent.Run"/> gave.</param>
    public static CellResult Of(CellResult result)
    {
        var curve = result.Series["curve"];
        var stride = ((curve.Count - 1) / MostRows) + 1;
        return result with
        {
            Series = new Dictionary<string, IReadOnlyList<IReadOnlyList<double>>>
            {
                ["curve"] = [.. curve.Where((_, at) => at % stride == 0 || at == curve.Count - 1)],
            },
        };
    }
}
