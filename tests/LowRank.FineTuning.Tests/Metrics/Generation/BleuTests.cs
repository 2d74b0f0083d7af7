using LowRank.FineTuning.Metrics.Generation;

namespace LowRank.FineTuning.Tests.Metrics.Generation;

public sealed class BleuTests
{
    [Fact]
    public void Of_ExampleOfEvaluatesCard_IsItsResult()
    {
        var score = Bleu.Of(
            ["hello there general kenobi", "foo bar foobar"],
            [["hello there general kenobi", "hello there !"], ["foo bar foobar"]]);
        Assert.Equal(1, score.Value, 1e-12);
        Assert.Equal([1, 1, 1, 1], score.Precisions);
        Assert.Equal((1, 7, 6), (score.BrevityPenalty, score.PredictionLength, score.ReferenceLength));
    }

    [Fact]
    public void Sacre_ExampleOfItsReadme_IsItsResult()
    {
        string[] predictions = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
        string[][] references =
        [
            ["The dog bit the man.", "The dog had bit the man."],
            ["It was not unexpected.", "No one was surprised."],
            ["The man bit him first.", "The man had bitten the dog."],
        ];
        var score = Bleu.Sacre(predictions, references);
        Assert.Equal(48.530827009929865, 100 * score.Value, 1e-9);
        Assert.Equal([14 / 17.0, 7 / 14.0, 5 / 11.0, 3 / 8.0], score.Precisions);
        Assert.Equal((17, 18), (score.PredictionLength, score.ReferenceLength));
        Assert.Equal(0.943, score.BrevityPenalty, 5e-4);
        Assert.Equal(59.73, 100 * ChrF.Of(predictions, references), 5e-3);
    }

    [Fact]
    public void Sacre_ExampleOfEvaluatesCard_IsItsResult()
    {
        var score = Bleu.Sacre(
            ["hello there general kenobi", "on our way to ankh morpork"],
            [["hello there general kenobi", "hello there !"], ["goodbye ankh morpork", "ankh morpork"]]);
        Assert.Equal(39.76353643835252, 100 * score.Value, 1e-9);
        Assert.Equal([6 / 10.0, 4 / 8.0, 2 / 6.0, 1 / 4.0], score.Precisions);
        Assert.Equal((1, 10, 7), (score.BrevityPenalty, score.PredictionLength, score.ReferenceLength));
    }

    [Fact]
    public void Sacre_ExamplesOfItsTests_AreTheirResults()
    {
        var score = Bleu.Sacre(
            ["Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;"],
            [["producţia de zahăr brut se exprimă în zahăr alb;"]]);
        Assert.Equal(8.493, 100 * score.Value, 1e-3);
        Assert.Equal(0, Bleu.Sacre(["this is a cat"], [["okay thanks"]]).Value);
        Assert.Equal(0, Bleu.Sacre(["", ""], [["a b c d"], ["e f g h"]]).Value);
    }

    [Fact]
    public void Sacre_BlanksAtTheEndAndEmptyReferences_DoNotCount()
    {
        // A hyphen before a line's end is joined to the next line, but not one that ends the text.
        var score = Bleu.Sacre(["a b c d -\n"], [["", "a b c d - "]]);
        Assert.Equal((1, 5, 5), (score.Value, score.PredictionLength, score.ReferenceLength));
        Assert.Equal(4, Bleu.Of(["a b c d -\n"], [["a b c d"]]).PredictionLength);
    }

    [Fact]
    public void Of_NothingInTheReferences_IsZeroEvenSmoothed() =>
        Assert.Equal(0, Bleu.Of(["a"], [["", "a b"]], smooth: true).Value);

    [Fact]
    public void Of_ByHand_CountsEachRunAsOftenAsOneReferenceHasIt()
    {
        // Papineni's example: "the" occurs seven times, but twice at most in a reference.
        var score = Bleu.Of(
            ["the the the the the the the"], [["the cat is on the mat", "there is a cat on the mat"]]);
        Assert.Equal(2 / 7.0, score.Precisions[0], 1e-12);
        Assert.Equal(0, score.Value);
    }

    [Fact]
    public void Of_ShortPrediction_PaysForIt()
    {
        // Four of five tokens, all in order: precisions 1, e^(1 - 5/4).
        var score = Bleu.Of(["a b c d"], [["a b c d e"]]);
        Assert.Equal(Math.Exp(-0.25), score.Value, 1e-12);
    }

    [Fact]
    public void Of_Smooth_AddsOneToEachOrder()
    {
        // Found 2, 1, 0, 0 of 3, 2, 1, 0; lengths 3 and 3.
        var score = Bleu.Of(["a b x"], [["a b c"]], smooth: true);
        Assert.Equal(Math.Pow(3 / 4.0 * (2 / 3.0) * (1 / 2.0) * 1, 0.25), score.Value, 1e-12);
    }

    [Fact]
    public void Sacre_OrderWithoutMatch_HalvesItsPrecision()
    {
        // Found 4, 2, 0, 0 of 5, 4, 3, 2: the last two count as 1/2 and 1/4 of one match.
        var score = Bleu.Sacre(["a b x c d"], [["a b y c d"]]);
        var wanted = Math.Pow(4 / 5.0 * (2 / 4.0) * (0.5 / 3) * (0.25 / 2), 0.25);
        Assert.Equal(wanted, score.Value, 1e-12);
        Assert.Equal(0, Bleu.Sacre(["x"], [["a b"]]).Value);
    }

    [Fact]
    public void LengthOfReferences_DiffersBetweenTheTwo()
    {
        string[][] references = [["a b c d e f", "a b", "a b c d"]];
        Assert.Equal(2, Bleu.Of(["a b c d e"], references).ReferenceLength);
        Assert.Equal(4, Bleu.Sacre(["a b c d e"], references).ReferenceLength);
    }

    [Theory]
    [InlineData("Hello, world!", "Hello , world !")]
    [InlineData("It costs $1,000.50 (or more).", "It costs $ 1,000.50 ( or more ) .")]
    [InlineData("in 1990-95, well-known", "in 1990 - 95 , well-known")]
    [InlineData("a &quot;b&quot; &amp; &lt;c&gt;", "a \" b \" & < c >")]
    [InlineData("hy-\nphen\nline", "hyphen line")]
    [InlineData("don't £5.", "don't £5 .")]
    [InlineData("", "")]
    public void Tokens_AreMtevals(string text, string tokens) =>
        Assert.Equal(tokens, string.Join(' ', MtevalTokens.Of(text)));

    [Fact]
    public void Of_BadRows_SaysWhich()
    {
        Assert.Contains("got no rows", Fault([], []), StringComparison.Ordinal);
        Assert.Contains("got 1 for 2 targets", Fault(["a"], [["a"], ["b"]]), StringComparison.Ordinal);
        Assert.Contains("references: row 1 has none", Fault(["a", "b"], [["a"], []]), StringComparison.Ordinal);
    }

    private static string Fault(string[] predictions, string[][] references) =>
        Assert.Throws<ArgumentException>(() => Bleu.Of(predictions, references)).Message;
}
