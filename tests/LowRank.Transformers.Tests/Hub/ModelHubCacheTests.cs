using LowRank.Testing;
using LowRank.Transformers.Hub;

namespace LowRank.Transformers.Tests.Hub;

public sealed class ModelHubCacheTests : IDisposable
{
    private const string Id = "acme/tiny-bert";
    private readonly ScratchFolder _folder = new();
    private readonly FakeHub _server = new();
    private readonly EventLog _log = new();

    private string Root => _folder["models--acme--tiny-bert"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LocateAsync_Folder_IsItself()
    {
        Assert.Equal(_folder.Path, await LocateAsync(Options(), _folder.Path));
        Assert.Empty(_server.Requests);
        await Assert.ThrowsAsync<ArgumentException>(() => LocateAsync(Options(), _folder.Path, "main"));
    }

    [Theory]
    [InlineData("./absent")]
    [InlineData("../models/bert")]
    [InlineData("/absent/model")]
    [InlineData("a/b/c")]
    [InlineData("a--b")]
    [InlineData("a..b/c")]
    [InlineData("bert base")]
    [InlineData("C:\\models\\bert")]
    [InlineData("-x/y")]
    public async Task LocateAsync_NeitherFolderNorId_SaysSo(string model)
    {
        var e = await Assert.ThrowsAsync<DirectoryNotFoundException>(() => LocateAsync(Options(), model));
        Assert.StartsWith($"{model}: there is no such folder, and it is no id of the Hub", e.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("../main")]
    [InlineData("/main")]
    [InlineData("a b")]
    [InlineData("a\\b")]
    public async Task LocateAsync_OddRevision_IsRefused(string revision) =>
        await Assert.ThrowsAsync<ArgumentException>(() => LocateAsync(Options(), Id, revision));

    [Fact]
    public async Task LocateAsync_OfflineWithTheWholeModel_AsksNobody()
    {
        await LocateAsync(Options());
        _server.Requests.Clear();
        Assert.Equal(
            Path.Combine(Root, "snapshots", FakeHub.Commit), await LocateAsync(Options() with { Offline = true }));
        Assert.Equal(
            Path.Combine(Root, "snapshots", FakeHub.Commit),
            await LocateAsync(Options() with { Offline = true }, Id, FakeHub.Commit));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task LocateAsync_OfflineWithNothing_ListsWhatIsMissingAndHowToGetIt()
    {
        var e = await Assert.ThrowsAsync<FileNotFoundException>(() => LocateAsync(Options() with { Offline = true }));
        Assert.Equal(
            $"acme/tiny-bert (main): offline (HF_HUB_OFFLINE); missing in {Root}: config.json, model.safetensors, " +
            "tokenizer.json. Where there is a network, run once without HF_HUB_OFFLINE, or 'hf download acme/tiny-bert " +
            "--revision main config.json model.safetensors tokenizer.json', and copy the cache folder here; or name a " +
            "folder that holds the model.",
            e.Message);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task LocateAsync_OfflineWithHalfAModel_ListsTheShards()
    {
        var snapshot = Path.Combine(Root, "snapshots", FakeHub.Commit);
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(Root, "refs"));
        await File.WriteAllTextAsync(Path.Combine(Root, "refs", "main"), FakeHub.Commit, Token);
        await File.WriteAllTextAsync(Path.Combine(snapshot, "vocab.txt"), "", Token);
        await File.WriteAllTextAsync(Path.Combine(snapshot, "config.json"), "{}", Token);
        await File.WriteAllTextAsync(Path.Combine(snapshot, "model-1.safetensors"), "", Token);
        await File.WriteAllTextAsync(
            Path.Combine(snapshot, "model.safetensors.index.json"),
            """{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}""",
            Token);
        var e = await Assert.ThrowsAsync<FileNotFoundException>(() => LocateAsync(Options() with { Offline = true }));
        Assert.Contains($"missing in {snapshot}: model-2.safetensors. Where", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_UnreachableHub_UsesTheCachedModelAndSaysSo()
    {
        await LocateAsync(Options());
        var gone = Options() with { Endpoint = "http://127.0.0.1:1" };
        Assert.Equal(Path.Combine(Root, "snapshots", FakeHub.Commit), await LocateAsync(gone));
        var said = _log.Events.Last();
        Assert.Equal(HubStage.Unreachable, said.Stage);
        Assert.Contains("the connection failed", said.Text, StringComparison.Ordinal);
        Assert.EndsWith("The cached model is used.", said.Text, StringComparison.Ordinal);

        var e = await Assert.ThrowsAsync<HubUnreachableException>(() => LocateAsync(gone, "acme/other"));
        Assert.Contains("5 times in a row. Check the network", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_NewCommit_FetchesOnlyWhatChanged()
    {
        await LocateAsync(Options());
        var other = new string('c', 40);
        _server.Intercept = request => request.Path.Contains("/revision/", StringComparison.Ordinal)
            ? new(200, System.Text.Encoding.UTF8.GetBytes(
                System.Text.Encoding.UTF8.GetString(_server.Answer(request).Body)
                    .Replace(FakeHub.Commit, other, StringComparison.Ordinal)))
            : _server.Answer(request) is var answer && answer.Headers.Any(header => header.Name == "X-Repo-Commit")
                ? answer with { Headers = [.. answer.Headers.Where(header => header.Name != "X-Repo-Commit")] }
                : null;
        _server.Small["vocab.txt"] = "new"u8.ToArray();
        _server.Requests.Clear();
        var folder = await LocateAsync(Options());
        Assert.Equal(Path.Combine(Root, "snapshots", other), folder);
        Assert.Equal("new", await File.ReadAllTextAsync(Path.Combine(folder, "vocab.txt"), Token));
        Assert.Equal(
            ["/acme/tiny-bert/resolve/" + other + "/vocab.txt"],
            _server.Requests.Where(request => request.Method == "GET" && !request.Path.StartsWith("/api", StringComparison.Ordinal))
                .Select(request => request.Path));
        Assert.True(File.Exists(Path.Combine(Root, "snapshots", FakeHub.Commit, "vocab.txt")));
    }

    [Fact]
    public async Task LocateAsync_ShardedModel_FetchesTheShardsOfTheIndex()
    {
        _server.Large.Remove("model.safetensors");
        _server.Small["model.safetensors.index.json"] =
            """{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}}"""u8.ToArray();
        _server.Large["model-1.safetensors"] = [1, 2, 3];
        _server.Large["model-2.safetensors"] = [4, 5];
        _server.Large["pytorch_model.bin"] = [6];
        var folder = await LocateAsync(Options());
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(folder, "model-1.safetensors"), Token));
        Assert.Equal([4, 5], await File.ReadAllBytesAsync(Path.Combine(folder, "model-2.safetensors"), Token));
        Assert.False(File.Exists(Path.Combine(folder, "pytorch_model.bin")));
    }

    [Fact]
    public async Task LocateAsync_Adapter_FetchesItsFiles()
    {
        _server.Small.Clear();
        _server.Large.Clear();
        _server.Small["adapter_config.json"] = "{}"u8.ToArray();
        _server.Large["adapter_model.safetensors"] = [1];
        var folder = await LocateAsync(Options());
        Assert.Equal(2, Directory.GetFiles(folder).Length);
        Assert.Equal(folder, await LocateAsync(Options() with { Offline = true }));
    }

    [Fact]
    public async Task LocateAsync_RepositoryWithoutWeightsWeRead_SaysWhatItHas()
    {
        _server.Large.Clear();
        _server.Small["tf_model.h5"] = [1];
        var e = await Assert.ThrowsAsync<FileNotFoundException>(() => LocateAsync(Options()));
        Assert.Contains(
            "got a repository with README.md, config.json, tf_model.h5, vocab.txt; wanted config.json and model.safetensors or",
            e.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_DamagedRef_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(Root, "refs"));
        await File.WriteAllTextAsync(Path.Combine(Root, "refs", "main"), "../../elsewhere", Token);
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LocateAsync(Options() with { Offline = true }));
        Assert.Contains("got '../../elsewhere'; wanted a commit", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_CacheMadeByThePythonTools_IsUsedAsItIs()
    {
        // Plain files instead of links, as huggingface_hub leaves them where links are not allowed.
        var snapshot = _folder[Path.Combine("models--gpt2", "snapshots", FakeHub.Commit)];
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(_folder[Path.Combine("models--gpt2", "refs")]);
        await File.WriteAllTextAsync(_folder[Path.Combine("models--gpt2", "refs", "main")], FakeHub.Commit, Token);
        foreach (var name in new[] { "config.json", "pytorch_model.bin", "vocab.json" })
        {
            await File.WriteAllTextAsync(Path.Combine(snapshot, name), "", Token);
        }

        Assert.Equal(snapshot, await LocateAsync(Options() with { Offline = true }, "gpt2"));
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private HubOptions Options() => new() { Endpoint = _server.Address, CacheFolder = _folder.Path };

    private async Task<string> LocateAsync(HubOptions options, string model = Id, string? revision = null)
    {
        using var hub = new ModelHub(options, new InstantTime(), null);
        return await hub.LocateAsync(model, revision, _log, Token);
    }
}
