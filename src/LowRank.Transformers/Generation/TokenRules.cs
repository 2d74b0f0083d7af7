using TorchSharp;

namespace LowRank.Transformers.Generation;

/// <summary>Which tokens may not come next: the end too early, and repeated runs.</summary>
/// <param name="options">The rules.</param>
/// <param name="end">The end token.</param>
internal sealed class TokenRules(GenerationOptions options, int end)
{
    /// <summary>Sets the scores of what may not come to minus infinity, in place.</summary>
    /// <param name="scores">[texts, vocabulary].</param>
    /// <param name="texts">The texts so far, start token included.</param>
    public void Apply(torch.Tensor scores, IReadOnlyList<int[]> texts)
    {
        var vocabulary = scores.size(1);
        var banned = new List<long>();
        for (var row = 0; row < texts.Count; row++)
        {
            var first = row * vocabulary;
            if (texts[row].Length - 1 < options.MinimumLength)
            {
                banned.Add(first + end);
            }

            banned.AddRange(Repeating(texts[row]).Select(id => first + id));
        }

        if (banned.Count > 0)
        {
            using var scope = torch.NewDisposeScope();
            _ = scores.view(-1).index_fill_(0, torch.tensor(banned.ToArray()), float.NegativeInfinity);
        }
    }

    // The ids that would end a run which is in the text already.
    private IEnumerable<int> Repeating(int[] text)
    {
        var before = options.UniqueRunLength - 1;
        if (before < 0 || text.Length <= before)
        {
            yield break;
        }

        var latest = text.Length - before;
        for (var start = 0; start < latest; start++)
        {
            if (text.AsSpan(start, before).SequenceEqual(text.AsSpan(latest)))
            {
                yield return text[start + before];
            }
        }
    }
}
