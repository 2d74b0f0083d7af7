namespace LowRank.Completion.Input;

/// <summary>Brings the numberings of several workers together into one, by first appearance in the file.</summary>
/// <param name="Ids">The ids in their final order.</param>
/// <param name="Numbers">For each worker, the final index of each of its own; null where they are the same.</param>
internal sealed record IdJoin(IdMap Ids, int[][]? Numbers)
{
    /// <summary>Joins the numberings.</summary>
    public static IdJoin Of(IReadOnlyList<IdInterner> workers)
    {
        if (workers.Count == 1)
        {
            return new IdJoin(MapOf(workers[0], Enumerable.Range(0, workers[0].Count).ToArray()), null);
        }

        var all = workers[0];
        var numbers = new int[workers.Count][];
        for (var w = 0; w < workers.Count; w++)
        {
            numbers[w] = new int[workers[w].Count];
            for (var i = 0; i < numbers[w].Length; i++)
            {
                numbers[w][i] = w == 0 ? i : all.InternFrom(workers[w], i);
            }
        }

        var order = new int[all.Count];
        var positions = new long[all.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            positions[i] = all.FirstPosition(i);
        }

        // No two ids of one column are first met at the same place, so the order is the same whoever met them.
        Array.Sort(positions, order);
        var rank = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            rank[order[i]] = i;
        }

        return new IdJoin(MapOf(all, order), Array.ConvertAll(numbers, n => Array.ConvertAll(n, i => rank[i])));
    }

    private static IdMap MapOf(IdInterner ids, int[] order) => ids.OnlyNumbers
        ? IdMap.FromDistinctNumbers(Array.ConvertAll(order, ids.NumberAt))
        : IdMap.FromDistinctTexts(Array.ConvertAll(order, ids.TextAt));
}
