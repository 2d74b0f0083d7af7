using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LowRank.Transformers.Tests.Hub;

/// <summary>A Hub on the loopback that speaks plain HTTP/1.1, and misbehaves on request.</summary>
internal sealed class FakeHub : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();

    public FakeHub()
    {
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Headers);

    // The connection is dropped after CutAfter bytes of the body, and after the silence.
    public sealed record Response(
        int Status, byte[] Body, int? CutAfter = null, params (string Name, string Value)[] Headers)
    {
        public TimeSpan Silence { get; init; }
    }

    public Dictionary<string, byte[]> Small { get; } = new()
    {
        ["config.json"] = "{\"model_type\":\"bert\"}"u8.ToArray(),
        ["vocab.txt"] = "[PAD]\n[UNK]\n"u8.ToArray(),
        ["README.md"] = "# not fetched"u8.ToArray(),
    };

    public Dictionary<string, byte[]> Large { get; } = new()
    {
        ["model.safetensors"] = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 31 / 7))],
    };

    /// <summary>Where large files come from; the hub itself when null.</summary>
    public FakeHub? Cdn { get; set; }

    /// <summary>Answers instead of the hub when it returns something.</summary>
    public Func<Request, Response?> Intercept { get; set; } = _ => null;

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public ConcurrentQueue<Request> Requests { get; } = [];

    public IEnumerable<string> Seen => Requests.Select(request => $"{request.Method} {request.Path}");

    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static string GitSha1(byte[] bytes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {bytes.Length}\0")));
        hash.AppendData(bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static Response Status(int status, params (string Name, string Value)[] headers) =>
        new(status, [], null, headers);

    /// <summary>The answer with a file or, when a range is asked for, its rest.</summary>
    public static Response Bytes(Request request, byte[] bytes, int? cutAfter = null)
    {
        if (!request.Headers.TryGetValue("range", out var range))
        {
            return new(200, bytes, cutAfter);
        }

        var start = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return start >= bytes.Length
            ? Status(416)
            : new(206, bytes[start..], cutAfter, ("Content-Range", $"bytes {start}-{bytes.Length - 1}/{bytes.Length}"));
    }

    public Response Answer(Request request)
    {
        var parts = request.Path.Trim('/').Split('/');
        if (parts is ["api", "models" or "datasets", .., "revision", _])
        {
            var siblings = Small.Keys.Concat(Large.Keys).Select(name => new { rfilename = name });
            return new(200, JsonSerializer.SerializeToUtf8Bytes(new { sha = Commit, siblings }));
        }

        var resolve = Array.IndexOf(parts, "resolve");
        var name = resolve < 0 ? parts[^1] : string.Join('/', parts[(resolve + 2)..]);
        if (parts[0] == "cdn")
        {
            return Bytes(request, Large[name]);
        }

        if (Large.TryGetValue(name, out var large))
        {
            return Status(
                302,
                ("Location", $"{(Cdn ?? this).Address}/cdn/{name}"),
                ("X-Repo-Commit", Commit),
                ("X-Linked-Etag", $"\"{Sha256(large)}\""),
                ("X-Linked-Size", large.Length.ToString(CultureInfo.InvariantCulture)));
        }

        return Small.TryGetValue(name, out var small)
            ? Bytes(request, small) with { Headers = [("ETag", $"W/\"{GitSha1(small)}\""), ("X-Repo-Commit", Commit)] }
            : Status(404, ("X-Error-Code", "EntryNotFound"));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII, false, 1024, leaveOpen: true);
                var line = (await reader.ReadLineAsync())?.Split(' ');
                if (line is not [var method, var path, _])
                {
                    return;
                }

                var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                while (await reader.ReadLineAsync() is { Length: > 0 } header)
                {
                    var colon = header.IndexOf(':', StringComparison.Ordinal);
                    headers[header[..colon]] = header[(colon + 1)..].Trim();
                }

                var request = new Request(method, path, headers);
                Requests.Enqueue(request);
                await SendAsync(stream, method, Intercept(request) ?? Answer(request));
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // The client went away, as some tests want it to.
            }
        }
    }

    private static async Task SendAsync(NetworkStream stream, string method, Response response)
    {
        var head = new StringBuilder($"HTTP/1.1 {response.Status} Status\r\n");
        foreach (var (name, value) in response.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {response.Body.Length}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString()));
        if (method != "HEAD")
        {
            var body = response.Body.AsMemory(0, Math.Min(response.CutAfter ?? int.MaxValue, response.Body.Length));
            await stream.WriteAsync(body);
            await Task.Delay(response.Silence);
        }
    }
}
