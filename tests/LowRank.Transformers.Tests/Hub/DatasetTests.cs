using LowRank.Testing;
using LowRank.Transformers.Hub;

namespace LowRank.Transformers.Tests.Hub;

public sealed class DatasetTests : IDisposable
{
    private const string Id = "nyu-mll/glue";
    private const string Training = "rte/train-00000-of-00001.parquet";
    private const string Validation = "rte/validation-00000-of-00001.parquet";
    private readonly ScratchFolder _folder = new();
    private readonly FakeHub _server = new();
    private readonly EventLog _log = new();

    public DatasetTests()
    {
        _server.Large.Clear();
        _server.Small[Training] = [1, 2, 3];
        _server.Small[Validation] = [4, 5];
    }

    private string Root => _folder["datasets--nyu-mll--glue"];

    private string Snapshot => Path.Combine(Root, "snapshots", FakeHub.Commit);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task LocateDatasetAsync_NewFiles_LaysTheCacheOutAsThePythonToolsDo()
    {
        Assert.Equal(Snapshot, await LocateAsync(Options()));
        Assert.Equal(
            [
                "GET /api/datasets/nyu-mll/glue/revision/main",
                $"HEAD /datasets/nyu-mll/glue/resolve/{FakeHub.Commit}/{Training}",
                $"GET /datasets/nyu-mll/glue/resolve/{FakeHub.Commit}/{Training}",
                $"HEAD /datasets/nyu-mll/glue/resolve/{FakeHub.Commit}/{Validation}",
                $"GET /datasets/nyu-mll/glue/resolve/{FakeHub.Commit}/{Validation}",
            ],
            _server.Seen);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Path.Combine(Snapshot, Training), Token));
        Assert.Equal(
            $"../../../blobs/{FakeHub.GitSha1([4, 5])}",
            new FileInfo(Path.Combine(Snapshot, Validation)).LinkTarget?.Replace('\\', '/'));
        Assert.Equal(FakeHub.Commit, await File.ReadAllTextAsync(Path.Combine(Root, "refs", "main"), Token));
        Assert.Equal(["rte"], Directory.GetFileSystemEntries(Snapshot).Select(Path.GetFileName));
    }

    [Fact]
    public async Task LocateDatasetAsync_Cached_NeedsNoNetwork()
    {
        await LocateAsync(Options());
        _server.Requests.Clear();
        Assert.Equal(Snapshot, await LocateAsync(Options() with { Offline = true }));
        Assert.Empty(_server.Requests);
        Assert.Equal(Snapshot, await LocateAsync(Options() with { Endpoint = "http://127.0.0.1:1" }));
        Assert.EndsWith("The cached data set is used.", _log.Events.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateDatasetAsync_OfflineWithNothing_ListsWhatIsMissingAndHowToGetIt()
    {
        var e = await Assert.ThrowsAsync<FileNotFoundException>(() => LocateAsync(Options() with { Offline = true }));
        Assert.Equal(
            $"nyu-mll/glue (main): offline (HF_HUB_OFFLINE); missing in {Root}: {Training}, {Validation}. Where there " +
            "is a network, run once without HF_HUB_OFFLINE, or 'hf download nyu-mll/glue --repo-type dataset " +
            $"--revision main {Training} {Validation}', and copy the cache folder here; or name a folder that holds " +
            "the data set.",
            e.Message);
    }

    [Fact]
    public async Task LocateDatasetAsync_FileThatIsNotThere_IsNamedAndNothingIsKept()
    {
        _server.Small.Remove(Validation);
        var e = await Assert.ThrowsAsync<FileNotFoundException>(() => LocateAsync(Options()));
        Assert.Contains($"got a data set without {Validation};", e.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Root));
    }

    [Theory]
    [InlineData(Id, "../x")]
    [InlineData(Id, "/x")]
    [InlineData(Id, "a/../../x")]
    [InlineData(Id)]
    [InlineData("a/b/c", "x")]
    public async Task LocateDatasetAsync_OddNames_AreRefused(string dataset, params string[] files)
    {
        using var hub = new ModelHub(Options(), new InstantTime(), null);
        await Assert.ThrowsAsync<ArgumentException>(
            () => hub.LocateDatasetAsync(dataset, files, cancellation: Token));
        Assert.Empty(_server.Requests);
    }

    private HubOptions Options() => new() { Endpoint = _server.Address, CacheFolder = _folder.Path };

    private async Task<string> LocateAsync(HubOptions options)
    {
        using var hub = new ModelHub(options, new InstantTime(), null);
        return await hub.LocateDatasetAsync(Id, [Training, Validation], progress: _log, cancellation: Token);
    }
}
