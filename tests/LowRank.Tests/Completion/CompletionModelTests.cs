using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.Tests.Completion;

public sealed class CompletionModelTests : IDisposable
{
    private static readonly CompletionModel Fitted = Fit();
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void SaveLoad_GivesTheSameModel()
    {
        Fitted.Save(_scratch.Path);
        var loaded = CompletionModel.Load(_scratch.Path);
        for (var i = -1; i < Fitted.RowCount; i++)
        {
            for (var j = -1; j < Fitted.ColumnCount; j++)
            {
                Assert.Equal(Fitted.Predict(i, j), loaded.Predict(i, j));
            }
        }

        Assert.Equal(Fitted.RowIds!.Ids, loaded.RowIds!.Ids);
        Assert.Equal(Fitted.Top("user 3", 4), loaded.Top("user 3", 4));
        Assert.Equal(Fitted.Report.Entries, loaded.Report.Entries);
        Assert.Equal(Fitted.Report.StopReason, loaded.Report.StopReason);
    }

    [Fact]
    public void Save_Twice_WritesTheSameBytes()
    {
        Fitted.Save(_scratch["a"]);
        Fitted.Save(_scratch["b"]);
        foreach (var file in new[] { "model.safetensors", "model.json" })
        {
            Assert.Equal(
                File.ReadAllBytes(_scratch[Path.Combine("a", file)]),
                File.ReadAllBytes(_scratch[Path.Combine("b", file)]));
        }
    }

    [Fact]
    public void Top_LeavesOutWhatWasObserved_UnlessAsked()
    {
        var unseen = Fitted.Top("user 0", 100);
        var all = Fitted.Top("user 0", 100, includeObserved: true);
        Assert.Equal(Fitted.ColumnCount, all.Count);
        Assert.DoesNotContain(unseen, item => item.Id == "film 0");
        Assert.Contains(all, item => item.Id == "film 0");
        Assert.Equal(all.OrderByDescending(item => item.Score).Select(item => item.Score), all.Select(item => item.Score));
    }

    [Fact]
    public void Top_UnknownRow_RanksByBiases()
    {
        var top = Fitted.Top("nobody", 3);
        Assert.Equal(3, top.Count);
        Assert.All(top, item => Assert.Equal(Fitted.Predict("nobody", item.Id), item.Score));
    }

    [Fact]
    public void Top_ModelThatForgot_SaysSo()
    {
        var model = new MatrixCompletion(new() { RememberObserved = false }).Fit(Data(), stop: TestContext.Current.CancellationToken);
        Assert.Throws<InvalidOperationException>(() => model.Top("user 0", 1));
        Assert.Single(model.Top("user 0", 1, includeObserved: true));
    }

    [Fact]
    public void Score_MatchesByIds()
    {
        // The same two cells under other numbers, and one row that the model does not know.
        var test = new ObservedMatrix(
            3, 2, [0, 1, 2], [0, 1, 0], [Fitted.Predict("user 5", "film 2") + 1, Fitted.Predict("user 1", "film 4"), 3],
            new(["user 5", "user 1", "stranger"]), new(["film 2", "film 4"]));
        var score = Fitted.Score(test);
        var stranger = Fitted.Predict("stranger", "film 2") - 3;
        Assert.Equal(3, score.Count);
        Assert.Equal(Math.Sqrt((1 + (stranger * stranger)) / 3), score.Rmse, 1e-12);
        Assert.Equal((1 + Math.Abs(stranger)) / 3, score.Mae, 1e-12);
    }

    [Fact]
    public void Load_MissingFolder_SaysWhatToDo()
    {
        var e = Assert.Throws<FileNotFoundException>(() => CompletionModel.Load(_scratch["none"]));
        Assert.Contains("wanted a model folder that 'lowrank complete' wrote", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.json", "{", "got no valid description")]
    [InlineData("model.json", "{\"kind\":\"other\"}", "wanted 'lowrank-completion'")]
    [InlineData("model.safetensors", "short", "the header")]
    public void Load_DamagedFile_NamesIt(string file, string contents, string message)
    {
        Fitted.Save(_scratch.Path);
        File.WriteAllText(_scratch[file], contents);
        var e = Assert.Throws<InvalidDataException>(() => CompletionModel.Load(_scratch.Path));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Contains(file, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingNumbers_NamesTheFile()
    {
        Fitted.Save(_scratch.Path);
        File.Delete(_scratch["model.safetensors"]);
        Assert.Contains(
            "model.safetensors", Assert.Throws<FileNotFoundException>(() => CompletionModel.Load(_scratch.Path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("left", "[30, width]")]
    [InlineData("core.1", "finite")]
    [InlineData("row_ids_ends", "ids")]
    [InlineData("seen_starts", "places")]
    public void Load_NumbersThatDoNotFit_NamesTheTensor(string tensor, string message)
    {
        Fitted.Save(_scratch.Path);
        var path = _scratch["model.safetensors"];
        var tensors = new List<TensorData>();
        using (var file = SafeTensorsFile.Open(path))
        {
            foreach (var entry in file.Entries)
            {
                tensors.Add(entry.Name == tensor ? Damaged(entry) : entry.Dtype switch
                {
                    TensorDtype.F64 => TensorData.Of(entry.Name, file.Read<double>(entry.Name), [.. entry.Shape]),
                    TensorDtype.I32 => TensorData.Of(entry.Name, file.Read<int>(entry.Name), [.. entry.Shape]),
                    _ => TensorData.Of(entry.Name, file.Read<byte>(entry.Name), [.. entry.Shape]),
                });
            }
        }

        SafeTensors.Write(path, tensors);
        var e = Assert.Throws<InvalidDataException>(() => CompletionModel.Load(_scratch.Path));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_FolderThatCannotBe_LeavesNothing()
    {
        var blocked = _scratch["file"];
        File.WriteAllText(blocked, "");
        Assert.ThrowsAny<IOException>(() => Fitted.Save(Path.Combine(blocked, "model")));
        Assert.Equal([blocked], Directory.GetFiles(_scratch.Path));
    }

    [Fact]
    public void Predict_FromManyThreads_GivesTheSame()
    {
        var expected = Enumerable.Range(0, 600).Select(k => Fitted.Predict(k / 20, k % 20)).ToArray();
        Parallel.For(0, 8, _ =>
        {
            for (var k = 0; k < expected.Length; k++)
            {
                Assert.Equal(expected[k], Fitted.Predict(k / 20, k % 20));
            }
        });
    }

    [Theory]
    [InlineData(".csv")]
    [InlineData(".npy")]
    public void DenseWriter_WritesWhatTheReaderReads(string ending)
    {
        var path = _scratch["dense" + ending];
        DenseWriter.Write(path, Fitted);
        var read = RatingsReader.Read(
            path, new() { Format = ending == ".csv" ? RatingsFormat.DenseText : RatingsFormat.Npy },
            TestContext.Current.CancellationToken).Observed;
        Assert.Equal(Fitted.RowCount * Fitted.ColumnCount, read.Count);
        for (var k = 0; k < read.Count; k++)
        {
            Assert.Equal(Fitted.Predict(read.Rows[k], read.Columns[k]), read.Values[k]);
        }
    }

    private static TensorData Damaged(TensorEntry entry) => entry.Name switch
    {
        "left" => TensorData.Of("left", new double[6], 3, 2),
        "core.1" => TensorData.Of(entry.Name, Enumerable.Repeat(double.NaN, (int)entry.Count).ToArray(), [.. entry.Shape]),
        _ => TensorData.Of(entry.Name, new int[(int)entry.Count - 1], entry.Count - 1),
    };

    private static CompletionModel Fit() => new MatrixCompletion(new() { Rank = 3 }).Fit(Data());

    private static ObservedMatrix Data()
    {
        var data = SyntheticRatings.Create(
            new() { Rows = 30, Columns = 20, Rank = 2, Entries = 300, Noise = 0.1 }, Seed.From(9)).Observed;
        var keep = Enumerable.Range(0, data.Count).Where(k => data.Rows[k] != 0).ToArray();
        int[] rows = [0, .. keep.Select(k => data.Rows[k])];
        int[] columns = [0, .. keep.Select(k => data.Columns[k])];
        double[] values = [1.5, .. keep.Select(k => data.Values[k])];
        return new(
            30, 20, rows, columns, values,
            new([.. Enumerable.Range(0, 30).Select(i => $"user {i}")]), new([.. Enumerable.Range(0, 20).Select(j => $"film {j}")]));
    }
}
