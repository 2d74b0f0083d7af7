using LowRank.FineTuning.Data;

namespace LowRank.FineTuning.Tests.Data;

/// <summary>What the labels are taken for.</summary>
public sealed class LabelReadingTests
{
    [Theory]
    [InlineData("1 0 2", LabelKind.Classes, "0,1,2", "1 0 2")]
    [InlineData("10 9 -1", LabelKind.Classes, "-1,9,10", "2 1 0")]
    [InlineData("01 1 2", LabelKind.Classes, "1,2", "0 0 1")]
    [InlineData("b a c", LabelKind.Classes, "a,b,c", "1 0 2")]
    [InlineData("1 two 3", LabelKind.Classes, "1,3,two", "0 2 1")]
    [InlineData("1.5 2 3", LabelKind.Numbers, null, "1.5 2 3")]
    [InlineData("1.0 2.0", LabelKind.Numbers, null, "1 2")]
    [InlineData("1e3 -2", LabelKind.Numbers, null, "1000 -2")]
    public void Read_LabelsByThemselves_FollowTheRule(string written, LabelKind kind, string? names, string targets)
    {
        var result = Read(written);

        Assert.Equal(kind, result.Kind);
        Assert.Equal(names, result.Labels is null ? null : string.Join(',', result.Labels.Names));
        Assert.Equal(targets.Split(' ').Select(double.Parse), result.Targets);
    }

    [Fact]
    public void Read_WholeNumbersAskedForAsNumbers_AreNumbers()
    {
        Assert.Equal([3, 1], Read("3 1", LabelKind.Numbers).Targets);
        AssertRefused("line 2: label 'x'; wanted a finite number.", "3 x", LabelKind.Numbers);
        AssertRefused("line 1: label 'NaN'; wanted a finite number.", "NaN 1", LabelKind.Numbers);
        AssertRefused("line 1: label '1e999'", "1e999 1", LabelKind.Numbers);
    }

    [Fact]
    public void Read_FractionsAskedForAsClasses_AreClasses()
    {
        var result = Read("2.0 10.0 1.5 2", LabelKind.Classes);

        Assert.Equal(["1.5", "2", "10"], result.Labels!.Names);
        Assert.Equal([1, 2, 0, 1], result.Targets);
    }

    [Fact]
    public void Read_WholeFractions_AreNoted() =>
        Assert.Contains("ask for classes otherwise", Assert.Single(Read("1.0 2.0").Notes), StringComparison.Ordinal);

    [Fact]
    public void Read_OneTextAmongFractions_IsRefused() =>
        AssertRefused("line 3: label 'n/a' is not a number, while 3 of 4 labels are", "1.5 2.5 n/a 3");

    [Fact]
    public void Read_TwoLabelsInThreeClothes_IsRefused() =>
        AssertRefused(
            "the labels 'Yes' (1 rows, first at line 2) and 'yes' (2 rows, first at line 1) differ only in case;",
            "yes Yes no yes");

    [Fact]
    public void Read_LabelsInTwoCases_AreFineWhenListed()
    {
        var result = Read("yes Yes", known: new(["Yes", "yes"]));

        Assert.Equal([1, 0], result.Targets);
    }

    [Fact]
    public void Read_LabelNeverSeenInTraining_IsRefused() =>
        AssertRefused("line 2: label 'meh' is none of the 2 classes (bad, good); wanted one of them.", "good meh",
            known: new(["bad", "good"]));

    [Fact]
    public void Read_KnownClasses_MayBeNumberedAndNotedWhenAbsent()
    {
        var result = Read("2 0 neutral", known: new(["entailment", "neutral", "contradiction"]));
        Assert.Equal([2, 0, 1], result.Targets);
        Assert.Empty(result.Notes);

        Assert.Equal("no row has the label contradiction", Assert.Single(
            Read("1 0", known: new(["entailment", "neutral", "contradiction"])).Notes));
        AssertRefused("label '3' is none of the 3", "3", known: new(["a", "b", "c"]));
        AssertRefused("label '-1' is none of the 3", "-1", known: new(["a", "b", "c"]));
        AssertRefused("label '0' is none of the 2", "0", known: new(["1", "2"]));
    }

    [Fact]
    public void Read_OddLabels_AreNoted()
    {
        Assert.Contains("every row has the label 'a'", Read("a a").Notes);
        Assert.Contains("30 different labels in 30 rows: is this the column of the label?",
            Read(string.Join(' ', Enumerable.Range(0, 30))).Notes);
    }

    [Fact]
    public void ClassLabels_FaultyNames_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new ClassLabels([]));
        Assert.Throws<ArgumentException>(() => new ClassLabels(["a", " "]));
        var fault = Assert.Throws<ArgumentException>(() => new ClassLabels(["a", "a"]));
        Assert.Contains("got 'a' twice", fault.Message, StringComparison.Ordinal);
    }

    private static LabelReading.Result Read(string written, LabelKind? kind = null, ClassLabels? known = null) =>
        LabelReading.Read(
            "f.csv", "line", [.. written.Split(' ').Select((label, at) => (at + 1L, label))], kind, known);

    private static void AssertRefused(
        string words, string written, LabelKind? kind = null, ClassLabels? known = null)
    {
        var fault = Assert.Throws<InvalidDataException>(() => Read(written, kind, known));
        Assert.StartsWith("f.csv", fault.Message, StringComparison.Ordinal);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }
}
