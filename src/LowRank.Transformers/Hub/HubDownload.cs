using System.Net;

namespace LowRank.Transformers.Hub;

/// <summary>Brings one file into the cache: resumed where it stopped, hash checked before it counts.</summary>
internal sealed class HubDownload(
    HubConnection connection, HubRetries retries, Uri address, string file, string blob, HubHash hash, long size,
    IProgress<HubEvent>? progress)
{
    private const int BufferBytes = 1 << 20;
    private readonly string _partial = $"{blob}.incomplete";

    /// <summary>Downloads until the whole file is there and right.</summary>
    /// <exception cref="InvalidDataException">Two whole downloads had another hash than the Hub promised.</exception>
    /// <exception cref="IOException">The network or the disk failed; what has arrived is kept.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        HubHash? wrong = null;
        for (var round = 0; round < 2; round++)
        {
            await ReceiveAsync(cancellation).ConfigureAwait(false);
            var got = await hash.OfFileAsync(_partial, cancellation).ConfigureAwait(false);
            if (got == hash)
            {
                File.Move(_partial, blob, overwrite: true);
                progress?.Report(new(HubStage.Done, file, size, size, $"{retries.Subject}: {size} bytes, hash right"));
                return;
            }

            // Perhaps an older part did not belong to this file: once more, from its first byte.
            wrong = got;
            File.Delete(_partial);
            progress?.Report(
                new(HubStage.Retrying, file, 0, size, $"{retries.Subject}: wrong hash; once more from the start"));
        }

        throw new InvalidDataException(
            $"{retries.Subject}: got the hash {wrong?.Hex}; wanted {hash.Hex}, twice. Something between here and " +
            "the Hub alters files: check the proxy and HF_ENDPOINT. Nothing was kept.");
    }

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var start = PartialLength();
            if (start == size && File.Exists(_partial))
            {
                return;
            }

            using var response = await connection.SendAsync(HttpMethod.Get, address, start, retries, cancellation)
                .ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                File.Delete(_partial);
                await retries.WaitAsync("the Hub cannot resume the file", null, TimeSpan.Zero, cancellation)
                    .ConfigureAwait(false);
                continue;
            }

            // An answer of another part, or of the whole file, starts anew.
            var resumed = response.StatusCode == HttpStatusCode.PartialContent
                && response.Content.Headers.ContentRange?.From == start;
            if (response.StatusCode == HttpStatusCode.PartialContent && !resumed)
            {
                File.Delete(_partial);
                await retries.WaitAsync("the Hub sent another part of the file", null, TimeSpan.Zero, cancellation)
                    .ConfigureAwait(false);
                continue;
            }

            var problem = await CopyAsync(response, resumed ? start : 0, cancellation).ConfigureAwait(false);
            if (problem is not null)
            {
                await retries.WaitAsync(problem, null, null, cancellation).ConfigureAwait(false);
            }
        }
    }

    // Returns what cut the transfer short, or null when all bytes are here.
    private async Task<string?> CopyAsync(HttpResponseMessage response, long start, CancellationToken cancellation)
    {
        var target = new FileStream(
            _partial,
            start > 0 ? FileMode.Append : FileMode.Create,
            FileAccess.Write,
            FileShare.Read,
            bufferSize: 1,
            useAsync: true);
        await using (target.ConfigureAwait(false))
        {
            var received = start;
            var buffer = new byte[BufferBytes];
            while (received < size)
            {
                int read;
                try
                {
                    read = await ReadAsync(response, buffer, cancellation).ConfigureAwait(false);
                }
                catch (Exception e) when (e is IOException or HttpRequestException)
                {
                    return $"the connection broke after {received} of {size} bytes ({e.GetBaseException().Message})";
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    return $"silence for {connection.StallTimeout.TotalSeconds:0.#} s after {received} of {size} bytes";
                }

                if (read == 0)
                {
                    return $"the connection ended after {received} of {size} bytes";
                }

                read = (int)Math.Min(read, size - received);
                await WriteAsync(target, buffer.AsMemory(0, read), received, cancellation).ConfigureAwait(false);
                received += read;
                retries.Reset();
                progress?.Report(
                    new(HubStage.Downloading, file, received, size, $"{file}: {received} of {size} bytes"));
            }
        }

        return null;
    }

    private async Task<int> ReadAsync(HttpResponseMessage response, byte[] buffer, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(connection.StallTimeout);
        var stream = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        return await stream.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
    }

    private async Task WriteAsync(FileStream target, ReadOnlyMemory<byte> part, long at, CancellationToken cancellation)
    {
        try
        {
            await target.WriteAsync(part, cancellation).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"{e.Message}: got {at} of {size} bytes; wanted room for the rest. Free some space and run " +
                "again: the download goes on where it stopped.",
                e);
        }
    }

    private long PartialLength()
    {
        var info = new FileInfo(_partial);
        if (info.Exists && info.Length > size)
        {
            info.Delete();
            return 0;
        }

        return info.Exists ? info.Length : 0;
    }
}
