using LowRank.Adapters;
using LowRank.Testing;

namespace LowRank.Tests.Adapters;

public sealed class TargetSelectorTests : IDisposable
{
    private readonly ToyEncoder _model = new(AdapterCases.Seed);

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("query", "query")]
    [InlineData("query, dense", "query dense")]
    [InlineData("all-linear", "query dense")]
    [InlineData("all-dense", "embeddings query dense")]
    [InlineData("embeddings", "embeddings")]
    [InlineData("/q.*|dense/", "query dense")]
    public void Parse_Text_SelectsByPeftsRules(string text, string expected) =>
        Assert.Equal(
            expected.Split(' '),
            TargetSelector.Parse(text).Select(_model, ["classifier"]).Select(layer => layer.Path));

    [Fact]
    public void Select_MinimumSizeAndExclude_Apply()
    {
        var selector = TargetSelector.AllDense(12) with { Exclude = ["dense"] };
        Assert.Equal(["embeddings", "query"], selector.Select(_model).Select(layer => layer.Path));
        Assert.Equal("all-dense of size 12 and up without dense", selector.ToString());
    }

    [Theory]
    [InlineData("layer.0.query", "query", true)]
    [InlineData("layer.0.query", "0.query", true)]
    [InlineData("query", "query", true)]
    [InlineData("layer.0.key_query", "query", false)]
    [InlineData("query.dense", "query", false)]
    public void EndsWith_Path_MatchesWholeParts(string path, string name, bool expected) =>
        Assert.Equal(expected, TargetSelector.EndsWith(path, name));

    [Fact]
    public void Select_PatternOfAPart_MustMatchTheWholePath() =>
        Assert.Throws<ArgumentException>(() => TargetSelector.ByPattern("quer").Select(_model));

    [Fact]
    public void Select_NothingMatches_ListsTheLayers()
    {
        var error = Assert.Throws<ArgumentException>(() => TargetSelector.ByName("q_proj").Select(_model));
        Assert.StartsWith(
            "targets: q_proj matched nothing. Layers of this model: embeddings (embedding, 20 rows of 12); "
                + "query (linear, 12 -> 12); dense (linear, 12 -> 24); classifier (linear, 24 -> 3).",
            error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" , ")]
    [InlineData("/(/")]
    public void Parse_Malformed_Throws(string text) =>
        Assert.ThrowsAny<ArgumentException>(() => TargetSelector.Parse(text));
}
