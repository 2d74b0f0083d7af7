using System.Globalization;
using LowRank.Tensors;

namespace LowRank.Experiments.Comparisons;

/// <summary>One of several equal parts of a comparison, for machines that share the work.</summary>
/// <param name="Number">Which part, from 1.</param>
/// <param name="Count">Of how many.</param>
public sealed record Shard(int Number, int Count)
{
    /// <summary>Reads <c>2/5</c>: the second part of five.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The part.</returns>
    /// <exception cref="ArgumentException">It is not of that form, or there is no such part.</exception>
    public static Shard Parse(string text)
    {
        var parts = Check.NotNull(text).Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && number >= 1 && number <= count
            ? new(number, count)
            : throw new ArgumentException(
                $"shard: got '{text}'; wanted i/n with i from 1 to n, such as 2/5.", nameof(text));
    }

    /// <summary>The part's own items: every <see cref="Count"/>-th, from its number on.</summary>
    /// <param name="items">All items.</param>
    /// <returns>The part's.</returns>
    /// <typeparam name="T">Any type.</typeparam>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> items) =>
        [.. Check.NotNull(items).Where((_, index) => index % Count == Number - 1)];

    /// <inheritdoc/>
    public override string ToString() => $"{Number}/{Count}";
}
