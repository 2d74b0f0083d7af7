using System.Globalization;
using System.Text;

namespace LowRank.FineTuning.Samples;

/// <summary>A sentence with gaps: words, free choices, and slots to be filled by facts.</summary>
internal sealed class SentencePattern
{
    private readonly List<Piece> _pieces = [];

    /// <summary>Reads a pattern such as <c>{who} lost {a thing} &lt;today|again&gt; .</c></summary>
    /// <param name="text">The pattern.</param>
    /// <param name="words">Words by the name that stands for them between angle brackets.</param>
    public SentencePattern(string text, IReadOnlyDictionary<string, string[]> words)
    {
        Text = text;
        var at = 0;
        while (at < text.Length)
        {
            var close = text[at] switch { '{' => '}', '<' => '>', _ => ' ' };
            var next = text.AsSpan(at).IndexOfAny('{', '<');
            var end = close != ' ' ? text.IndexOf(close, at) : next < 0 ? text.Length : at + next;
            var inside = close == ' ' ? text[at..end] : text[(at + 1)..end];
            _pieces.Add(close switch
            {
                '}' => Slot(inside),
                '>' => new(words.GetValueOrDefault(inside, inside.Split('|')), null, 0, false),
                _ => new([inside], null, 0, false),
            });
            at = close == ' ' ? end : end + 1;
        }

        Roles = [.. _pieces.Select(piece => piece.Role).OfType<string>().Distinct()];
    }

    /// <summary>The pattern as it is written.</summary>
    public string Text { get; }

    /// <summary>The roles that the sentence mentions, in the order of its words.</summary>
    public IReadOnlyList<string> Roles { get; }

    /// <summary>The sentence, with a blank before each punctuation mark.</summary>
    /// <param name="wordings">The wordings of a role's fact in a form, from 0.</param>
    /// <param name="choose">Takes one of several wordings.</param>
    public string Fill(Func<string, int, IReadOnlyList<string>> wordings, Func<IReadOnlyList<string>, string> choose)
    {
        var text = new StringBuilder();
        foreach (var piece in _pieces)
        {
            var words = choose(piece.Role is null ? piece.Words : wordings(piece.Role, piece.Form));
            text.Append(piece.HasArticle ? Article(words) : "").Append(words);
        }

        return text.ToString();
    }

    private static Piece Slot(string text)
    {
        var article = text.StartsWith("a ", StringComparison.Ordinal);
        var name = article ? text[2..] : text;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? new([], name, 0, article)
            : new([], name[..slash], int.Parse(name[(slash + 1)..], CultureInfo.InvariantCulture) - 1, article);
    }

    private static string Article(string words) =>
        "aeiou".Contains(words[0], StringComparison.Ordinal) ? "an " : "a ";

    private sealed record Piece(IReadOnlyList<string> Words, string? Role, int Form, bool HasArticle);
}
