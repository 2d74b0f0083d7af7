using LowRank.Testing;
using LowRank.Transformers.Hub;

namespace LowRank.Transformers.Tests.Hub;

public sealed class ModelHubTests : IDisposable
{
    private const string Id = "acme/tiny-bert";
    private readonly ScratchFolder _folder = new();
    private readonly FakeHub _server = new();
    private readonly FakeHub _cdn = new();
    private readonly InstantTime _time = new();
    private readonly EventLog _log = new();

    public ModelHubTests() => _server.Cdn = _cdn;

    private string Snapshot => Path.Combine(_folder.Path, "models--acme--tiny-bert", "snapshots", FakeHub.Commit);

    private string Blob => Path.Combine(
        _folder.Path, "models--acme--tiny-bert", "blobs", FakeHub.Sha256(_server.Large["model.safetensors"]));

    [Fact]
    public async Task LocateAsync_NewModel_LaysTheCacheOutAsThePythonToolsDo()
    {
        var folder = await LocateAsync(Options());

        Assert.Equal(Snapshot, folder);
        Assert.Equal(
            ["config.json", "model.safetensors", "vocab.txt"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(
            Directory.GetFiles(folder),
            file => Assert.Equal(
                _server.Small.GetValueOrDefault(Path.GetFileName(file)) ?? _server.Large[Path.GetFileName(file)],
                File.ReadAllBytes(file)));
        var root = Path.Combine(_folder.Path, "models--acme--tiny-bert");
        Assert.Equal(FakeHub.Commit, await File.ReadAllTextAsync(Path.Combine(root, "refs", "main"), Token));
        Assert.Equal(
            new[]
            {
                FakeHub.GitSha1(_server.Small["config.json"]), FakeHub.GitSha1(_server.Small["vocab.txt"]),
                FakeHub.Sha256(_server.Large["model.safetensors"]),
            }.Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(root, "blobs")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(
            $"../../blobs/{Path.GetFileName(Blob)}",
            new FileInfo(Path.Combine(folder, "model.safetensors")).LinkTarget?.Replace('\\', '/'));
        Assert.Equal(3, _log.Count(HubStage.Done));
        var last = _log.Events.Last(item => item.Stage == HubStage.Downloading);
        Assert.Equal(last.Total, last.Received);
    }

    [Fact]
    public async Task LocateAsync_Again_AsksForTheCommitOnly()
    {
        await LocateAsync(Options());
        _server.Requests.Clear();
        await LocateAsync(Options());
        Assert.Equal(["GET /api/models/acme/tiny-bert/revision/main"], _server.Seen);
        Assert.Equal(3, _log.Count(HubStage.Cached));

        _server.Requests.Clear();
        await LocateAsync(Options(), FakeHub.Commit);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task LocateAsync_OtherRevision_IsEscapedAndNoted()
    {
        await LocateAsync(Options(), "refs/pr/1");
        Assert.Contains("GET /api/models/acme/tiny-bert/revision/refs%2Fpr%2F1", _server.Seen);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "models--acme--tiny-bert", "refs", "refs", "pr", "1")));
        Assert.Equal(Snapshot, await LocateAsync(Options() with { Offline = true }, "refs/pr/1"));
    }

    [Fact]
    public async Task LocateAsync_DroppedConnections_ResumesEachTime()
    {
        var left = 4;
        _cdn.Intercept = request => left-- > 0
            ? FakeHub.Bytes(request, _server.Large["model.safetensors"], cutAfter: 600_000)
            : FakeHub.Bytes(request, _server.Large["model.safetensors"]);
        await LocateAsync(Options() with { Attempts = 2 });
        Assert.Equal(
            [null, "bytes=600000-", "bytes=1200000-", "bytes=1800000-", "bytes=2400000-"],
            _cdn.Requests.Select(request => request.Headers.GetValueOrDefault("range")));
        Assert.Equal(4, _log.Count(HubStage.Retrying));
        Assert.Equal(_server.Large["model.safetensors"], await File.ReadAllBytesAsync(Blob, Token));
    }

    [Fact]
    public async Task LocateAsync_InterruptedRun_IsResumedByTheNext()
    {
        _cdn.Intercept = request => FakeHub.Bytes(request, _server.Large["model.safetensors"], cutAfter: 600_000);
        await Assert.ThrowsAsync<HubUnreachableException>(() => LocateAsync(Options() with { Attempts = 1 }));
        Assert.Equal(600_000, new FileInfo(Blob + ".incomplete").Length);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "models--acme--tiny-bert", "refs", "main")));

        _cdn.Intercept = _ => null;
        _cdn.Requests.Clear();
        _cdn.Large["model.safetensors"] = _server.Large["model.safetensors"];
        await LocateAsync(Options());
        Assert.Equal("bytes=600000-", Assert.Single(_cdn.Requests).Headers["range"]);
        Assert.False(File.Exists(Blob + ".incomplete"));
    }

    [Fact]
    public async Task LocateAsync_ServerWithoutRanges_StartsAnew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob)!);
        await File.WriteAllBytesAsync(Blob + ".incomplete", [1, 2, 3], Token);
        _cdn.Intercept = _ => new(200, _server.Large["model.safetensors"]);
        await LocateAsync(Options());
        Assert.Equal(_server.Large["model.safetensors"], await File.ReadAllBytesAsync(Blob, Token));
    }

    [Fact]
    public async Task LocateAsync_PartTooLong_OrRangeRefused_StartsAnew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob)!);
        await File.WriteAllBytesAsync(Blob + ".incomplete", new byte[4_000_000], Token);
        await LocateAsync(Options());
        Assert.Equal(_server.Large["model.safetensors"], await File.ReadAllBytesAsync(Blob, Token));

        Directory.Delete(Path.Combine(_folder.Path, "models--acme--tiny-bert"), recursive: true);
        Directory.CreateDirectory(Path.GetDirectoryName(Blob)!);
        await File.WriteAllBytesAsync(Blob + ".incomplete", new byte[100], Token);
        _cdn.Intercept = request => request.Headers.ContainsKey("range") ? FakeHub.Status(416) : null;
        await LocateAsync(Options());
        Assert.Equal(_server.Large["model.safetensors"], await File.ReadAllBytesAsync(Blob, Token));
    }

    [Fact]
    public async Task LocateAsync_DamagedPart_IsFetchedOnceMoreFromTheStart()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob)!);
        await File.WriteAllBytesAsync(Blob + ".incomplete", [9, 9, 9, 9], Token);
        await LocateAsync(Options());
        Assert.Equal(
            ["bytes=4-", null], _cdn.Requests.Select(request => request.Headers.GetValueOrDefault("range")));
        Assert.Equal(_server.Large["model.safetensors"], await File.ReadAllBytesAsync(Blob, Token));
    }

    [Fact]
    public async Task LocateAsync_WrongLargeFile_IsRefusedAndNotKept()
    {
        _cdn.Intercept = request => FakeHub.Bytes(request, new byte[3_000_000]);
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LocateAsync(Options()));
        Assert.StartsWith("acme/tiny-bert/model.safetensors: got the hash ", e.Message, StringComparison.Ordinal);
        Assert.Contains($"wanted {Path.GetFileName(Blob)}, twice.", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, _cdn.Requests.Count);
        Assert.False(File.Exists(Blob));
        Assert.False(File.Exists(Blob + ".incomplete"));
        Assert.False(File.Exists(Path.Combine(Snapshot, "model.safetensors")));
    }

    [Fact]
    public async Task LocateAsync_WrongSmallFile_IsRefused()
    {
        _server.Intercept = request => request is { Method: "GET" } && request.Path.EndsWith("config.json", StringComparison.Ordinal)
            ? FakeHub.Bytes(request, "{\"model_type\":\"evil\"}"u8.ToArray())
            : null;
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LocateAsync(Options()));
        Assert.Contains(
            $"wanted {FakeHub.GitSha1(_server.Small["config.json"])}, twice.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_TooManyRequests_WaitsAsAsked()
    {
        var answers = new Queue<FakeHub.Response>(
            [FakeHub.Status(429, ("Retry-After", "7")), FakeHub.Status(503), FakeHub.Status(500)]);
        _server.Intercept = _ => answers.TryDequeue(out var answer) ? answer : null;
        await LocateAsync(Options());
        Assert.Equal(
            [TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)], _time.Waits);
        Assert.Contains("again in 7 s", _log.Events.First().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_TooLongAWait_IsToldInstead()
    {
        _server.Intercept = _ => FakeHub.Status(429, ("Retry-After", "3600"));
        var e = await Assert.ThrowsAsync<IOException>(() => LocateAsync(Options()));
        Assert.Contains("the Hub asks to wait 3600 s; wanted at most 120.", e.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task LocateAsync_AlwaysBusy_GivesUpAfterTheAttempts()
    {
        _server.Intercept = _ => FakeHub.Status(429);
        var e = await Assert.ThrowsAsync<HubUnreachableException>(() => LocateAsync(Options() with { Attempts = 3 }));
        Assert.Contains("the Hub answered 429 (Status), 3 times in a row.", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task LocateAsync_SilentServer_CountsAsDropped()
    {
        var first = true;
        _cdn.Intercept = request =>
        {
            var silent = first;
            first = false;
            return FakeHub.Bytes(request, _server.Large["model.safetensors"], silent ? 1000 : null) with
            {
                Silence = silent ? TimeSpan.FromMinutes(1) : TimeSpan.Zero,
            };
        };
        await LocateAsync(Options() with { StallTimeout = TimeSpan.FromSeconds(1.5) });
        Assert.Contains(_log.Events, item => item.Text.Contains("silence for 1.5 s after 1000", StringComparison.Ordinal));
        Assert.Equal(_server.Large["model.safetensors"], await File.ReadAllBytesAsync(Blob, Token));
    }

    [Theory]
    [InlineData(401, null, null, "got no access without a token (401)", "set HF_TOKEN or run 'hf auth login'")]
    [InlineData(401, "hf_x", null, "got no access with this token (401)", "is still valid")]
    [InlineData(403, "hf_x", "GatedRepo", "got no access (403)", "Accept its terms on http://127.0.0.1")]
    [InlineData(403, "hf_x", null, "got no access (403)", "Set HF_TOKEN to a token with read access.")]
    public async Task LocateAsync_NoAccess_SaysWhatToDo(int status, string? token, string? code, string got, string remedy)
    {
        _server.Intercept = _ => FakeHub.Status(status, ("X-Error-Code", code ?? "Other"), ("X-Error-Message", "Sorry."));
        var e = await Assert.ThrowsAsync<UnauthorizedAccessException>(() => LocateAsync(Options() with { Token = token }));
        Assert.StartsWith("acme/tiny-bert (main): " + got, e.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, e.Message, StringComparison.Ordinal);
        Assert.EndsWith("The Hub says: Sorry.", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_x", e.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Theory]
    [InlineData("RepoNotFound", "Check the name: organisation/name")]
    [InlineData("RevisionNotFound", "Check the revision")]
    [InlineData("EntryNotFound", "The repository lacks this file")]
    public async Task LocateAsync_NotFound_SaysWhatToDo(string code, string remedy)
    {
        _server.Intercept = _ => FakeHub.Status(404, ("X-Error-Code", code));
        var e = await Assert.ThrowsAsync<FileNotFoundException>(() => LocateAsync(Options()));
        Assert.StartsWith("acme/tiny-bert (main): there is none at http://127.0.0.1", e.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_Token_IsNeverSentToAnotherHost()
    {
        _cdn.Large["model.safetensors"] = _server.Large["model.safetensors"];
        await LocateAsync(Options() with { Token = "hf_secret" });
        Assert.NotEmpty(_server.Requests);
        Assert.All(_server.Requests, request => Assert.Equal("Bearer hf_secret", request.Headers["authorization"]));
        Assert.NotEmpty(_cdn.Requests);
        Assert.All(_cdn.Requests, request => Assert.False(request.Headers.ContainsKey("authorization")));
    }

    [Fact]
    public async Task LocateAsync_RenamedModel_FollowsTheHubWithTheToken()
    {
        _server.Intercept = request => request.Path.Contains("/tiny-bert", StringComparison.Ordinal)
            ? FakeHub.Status(307, ("Location", request.Path.Replace("tiny-bert", "new-bert", StringComparison.Ordinal)))
            : null;
        var folder = await LocateAsync(Options() with { Token = "hf_secret" });
        Assert.Equal(Snapshot, folder);
        Assert.Contains("HEAD /acme/new-bert/resolve/" + FakeHub.Commit + "/config.json", _server.Seen);
        Assert.All(_server.Requests, request => Assert.Equal("Bearer hf_secret", request.Headers["authorization"]));
    }

    [Fact]
    public async Task LocateAsync_EndlessRedirects_AreRefused()
    {
        _server.Intercept = _ => FakeHub.Status(302, ("Location", "/again"));
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LocateAsync(Options()));
        Assert.Contains("got a redirect to '/again' (number 9); wanted at most 8", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>Log in to the hotel's network</html>", "got an answer that is no description of a model")]
    [InlineData("{}", "got an answer that is no description of a model")]
    [InlineData("""{"sha":"../../x","siblings":[]}""", "got the commit '../../x'; wanted 40 hexadecimal digits")]
    public async Task LocateAsync_NonsenseFromTheServer_IsRefused(string body, string message)
    {
        _server.Intercept = _ => new(200, System.Text.Encoding.UTF8.GetBytes(body));
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LocateAsync(Options()));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"../../evil\"")]
    [InlineData("\"5d41402abc4b2a76b9719d911017c592\"")]
    [InlineData(null)]
    public async Task LocateAsync_NoHash_IsRefused(string? etag)
    {
        _server.Intercept = request => request.Method == "HEAD"
            ? new(200, new byte[21], null, etag is null ? [] : [("ETag", etag)])
            : null;
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LocateAsync(Options()));
        Assert.Contains("wanted a SHA-1 or SHA-256", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_AnotherCommitsFile_IsRefused()
    {
        _server.Intercept = request => request.Method == "HEAD"
            ? FakeHub.Status(200, ("ETag", "\"" + new string('a', 40) + "\""), ("X-Repo-Commit", new string('b', 40)))
            : null;
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => LocateAsync(Options()));
        Assert.Contains("got the file of commit bbbb", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LocateAsync_TwoAtOnce_DownloadOnce()
    {
        _cdn.Large["model.safetensors"] = _server.Large["model.safetensors"];
        await Task.WhenAll(LocateAsync(Options()), LocateAsync(Options()), LocateAsync(Options()));
        Assert.Single(_cdn.Requests);
    }

    [Fact]
    public async Task LocateAsync_Cancelled_KeepsWhatHasArrived()
    {
        using var stop = new CancellationTokenSource();
        _cdn.Intercept = request => FakeHub.Bytes(request, _server.Large["model.safetensors"], 600_000) with
        {
            Silence = TimeSpan.FromMinutes(1),
        };
        using var hub = new ModelHub(Options(), _time, null);
        var progress = new Trigger(item =>
        {
            if (item.File == "model.safetensors" && item.Received == 600_000)
            {
                stop.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hub.LocateAsync(Id, null, progress, stop.Token));
        Assert.Equal(600_000, new FileInfo(Blob + ".incomplete").Length);
    }

    public void Dispose()
    {
        _server.Dispose();
        _cdn.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task LocateAsync_FullDisk_SaysSoAndDoesNotRepeat()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // Only Linux has a device that is always full.
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Blob)!);
        File.CreateSymbolicLink(Blob + ".incomplete", "/dev/full");
        var e = await Assert.ThrowsAsync<IOException>(() => LocateAsync(Options()));
        Assert.Contains("of 3000000 bytes; wanted room for the rest.", e.Message, StringComparison.Ordinal);
        Assert.Single(_cdn.Requests);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HubOptions Options() => new() { Endpoint = _server.Address, CacheFolder = _folder.Path };

    private async Task<string> LocateAsync(HubOptions options, string? revision = null)
    {
        _cdn.Large["model.safetensors"] = _server.Large["model.safetensors"];
        using var hub = new ModelHub(options, _time, null);
        return await hub.LocateAsync(Id, revision, _log, Token);
    }

    private sealed class Trigger(Action<HubEvent> action) : IProgress<HubEvent>
    {
        public void Report(HubEvent value) => action(value);
    }
}
