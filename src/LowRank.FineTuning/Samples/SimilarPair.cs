using LowRank.FineTuning.Data;

namespace LowRank.FineTuning.Samples;

/// <summary>Two sentences that share a wanted part of their facts.</summary>
internal static class SimilarPair
{
    private const int Grades = 6;
    private const int LikeGrade = 3;
    private const double SameKindShare = 0.8;
    private const double SamePatternShare = 0.3;
    private const double OtherWordsShare = 0.3;

    /// <summary>A pair whose similarity rounds to the row's grade.</summary>
    public static Example Draw(Storyteller teller, int row)
    {
        var grade = row % Grades;
        while (true)
        {
            var (first, second) = Pair(teller, grade);
            var score = Math.Round(first.SimilarityTo(second), 2);
            if (Math.Round(score, MidpointRounding.AwayFromZero) == grade && first.Text != second.Text)
            {
                return new(first.Text, second.Text, score);
            }
        }
    }

    private static (SampleSentence First, SampleSentence Second) Pair(Storyteller teller, int grade)
    {
        var kind = teller.Statement();
        var pattern = teller.Pattern(kind);
        var facts = teller.Facts(kind);
        var said = grade >= LikeGrade && teller.Happens(OtherWordsShare) ? new HashSet<string>() : null;
        var first = teller.Tell(kind, pattern, facts, said);
        var same = grade > 0 && (grade > 1 || teller.Happens(SameKindShare));
        var otherKind = same ? kind : teller.Statement();
        var samePattern = otherKind == kind && grade < LikeGrade && teller.Happens(SamePatternShare);
        var others = teller.Facts(otherKind);
        var kept = teller.Random.NextDouble();
        foreach (var role in otherKind.Roles.Where(facts.ContainsKey))
        {
            var keeps = grade == Grades - 1 || teller.Happens(kept);
            others[role] = keeps ? facts[role] : teller.Another(role, facts[role]);
        }

        return (first, teller.Tell(otherKind, samePattern ? pattern : teller.Other(otherKind, pattern), others, said));
    }
}
