using LowRank.Tensors;

namespace LowRank.FineTuning.Data;

/// <summary>Draws rows by their numbers; the same seed draws the same rows.</summary>
internal static class Subsets
{
    /// <summary>Draws without replacement, in rising order.</summary>
    public static IReadOnlyList<int> Draw(int rows, int count, Seed seed) =>
        Draw([.. Enumerable.Range(0, rows)], count, seed);

    /// <summary>Draws with replacement, in the order of the draw.</summary>
    public static IReadOnlyList<int> DrawWithReplacement(int rows, int count, Seed seed)
    {
        var random = seed.Random();
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(rows))];
    }

    /// <summary>Draws so many of each class, each class from a stream of its own.</summary>
    public static IReadOnlyList<int> FewShot(IReadOnlyList<int> classes, int perClass, Seed seed) =>
        [.. Grouped(classes).SelectMany(group => Draw(group.Rows, perClass, seed.For(group.Class))).Order()];

    /// <summary>The rows of a validation part that mirrors the whole, in rising order.</summary>
    public static IReadOnlyList<int> Stratified(ExampleSet examples, double share, Seed seed)
    {
        var exact = Math.Round(share * examples.Count, MidpointRounding.AwayFromZero);
        var count = (int)Math.Clamp(exact, 1, examples.Count - 1);
        return examples.Kind switch
        {
            LabelKind.Classes => OfClasses(examples.ClassIndices(), share, count, seed),
            LabelKind.Texts => OfSources([.. examples.Examples.Select(example => example.Text)], count, seed),
            LabelKind.Numbers => OfNumbers([.. examples.Examples.Select(e => e.Target ?? 0)], count, seed),
            _ => Draw(examples.Count, count, seed),
        };
    }

    // Each class gives the whole part of its share; the rows still missing come from the largest remainders.
    private static List<int> OfClasses(int[] classes, double share, int count, Seed seed)
    {
        var groups = Grouped(classes).ToList();
        var most = groups.Select(group => Math.Max(group.Rows.Length - 1, 0)).ToArray();
        var taken = groups.Select((group, at) => Math.Min((int)(share * group.Rows.Length), most[at])).ToArray();
        var order = Enumerable.Range(0, groups.Count)
            .OrderByDescending(at => (share * groups[at].Rows.Length) - taken[at])
            .ToList();
        for (var missing = count - taken.Sum(); missing > 0;)
        {
            var before = missing;
            foreach (var at in order.Where(at => taken[at] < most[at]).ToList())
            {
                if (missing > 0)
                {
                    taken[at]++;
                    missing--;
                }
            }

            if (before == missing)
            {
                break; // Every class is down to its last row: the validation part stays smaller.
            }
        }

        var rows = groups
            .SelectMany((group, at) => Draw(group.Rows, taken[at], seed.For(group.Class)))
            .Order()
            .ToList();
        return rows.Count > 0 ? rows : [.. Draw(classes.Length, 1, seed)];
    }

    // Whole sources, drawn until there are enough rows; one is left over.
    private static List<int> OfSources(IReadOnlyList<string> sources, int count, Seed seed)
    {
        var groups = Enumerable.Range(0, sources.Count)
            .GroupBy(row => sources[row], StringComparer.Ordinal)
            .Select(group => group.ToList())
            .ToArray();
        seed.Random().Shuffle(groups);
        var rows = new List<int>();
        foreach (var group in groups.SkipLast(1).TakeWhile(_ => rows.Count < count))
        {
            rows.AddRange(group);
        }

        return [.. rows.Order()];
    }

    private static List<int> OfNumbers(double[] targets, int count, Seed seed)
    {
        var random = seed.Random();
        var order = Enumerable.Range(0, targets.Length).OrderBy(row => targets[row]).ToList();
        return [.. Enumerable.Range(0, count)
            .Select(part =>
            {
                var from = (int)((long)part * order.Count / count);
                var to = (int)(((long)part + 1) * order.Count / count);
                return order[random.Next(from, to)];
            })
            .Order()];
    }

    private static IEnumerable<(int Class, int[] Rows)> Grouped(IReadOnlyList<int> classes) =>
        Enumerable.Range(0, classes.Count)
            .GroupBy(row => classes[row])
            .OrderBy(group => group.Key)
            .Select(group => (group.Key, group.ToArray()));

    private static IReadOnlyList<int> Draw(int[] rows, int count, Seed seed)
    {
        var drawn = rows.ToArray();
        seed.Random().Shuffle(drawn);
        return [.. drawn.Take(count).Order()];
    }
}
