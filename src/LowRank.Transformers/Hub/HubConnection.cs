using System.Net;
using System.Net.Http.Headers;

namespace LowRank.Transformers.Hub;

/// <summary>Requests to the Hub: the token kept to its own host, redirects by hand, failures repeated.</summary>
internal sealed class HubConnection : IDisposable
{
    private const int MaxRedirects = 8;
    private readonly HttpClient _client;
    private readonly HubOptions _options;
    private readonly TimeProvider _time;
    private readonly Uri _endpoint;

    public HubConnection(HubOptions options, TimeProvider time, HttpMessageHandler? handler)
    {
        _options = options;
        _time = time;
        _endpoint = new(options.Endpoint + "/");
        _client = new(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.Add(new("lowrank", null));
    }

    /// <summary>The clock of all waits.</summary>
    public TimeProvider Time => _time;

    /// <summary>How long a body may stay silent.</summary>
    public TimeSpan StallTimeout => _options.StallTimeout;

    /// <summary>The address of a path on the Hub; its parts are escaped already.</summary>
    public Uri Address(string path) => new(_endpoint, path);

    /// <summary>Sends a request until it is answered, following redirects.</summary>
    /// <param name="method">GET or HEAD. A HEAD stops where a redirect describes the file or leaves the Hub.</param>
    /// <param name="address">What to ask for.</param>
    /// <param name="from">First byte wanted.</param>
    /// <param name="retries">How failures are counted and told.</param>
    /// <param name="cancellation">Stops the request and all waits.</param>
    /// <returns>An answer with a status of success, a redirect (for HEAD) or 416; the caller disposes it.</returns>
    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, Uri address, long from, HubRetries retries, CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan? asked = null;
            string problem;
            Exception? cause = null;
            try
            {
                var response = await FollowAsync(method, address, from, cancellation).ConfigureAwait(false);
                if (response.IsSuccessStatusCode || IsRedirect(response)
                    || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                {
                    return response;
                }

                using (response)
                {
                    if (!IsPassing(response.StatusCode))
                    {
                        throw HubErrors.Explain(response, retries.Subject, _options);
                    }

                    asked = RetryAfter(response);
                    problem = $"the Hub answered {(int)response.StatusCode} ({response.ReasonPhrase})";
                }
            }
            catch (HttpRequestException e)
            {
                (problem, cause) = ($"the connection failed ({Innermost(e)})", e);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                (problem, cause) = ($"no answer within {_options.StallTimeout.TotalSeconds:0.#} s", e);
            }

            await retries.WaitAsync(problem, cause, asked, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Fetches a short text, however often the connection breaks.</summary>
    /// <param name="address">What to ask for.</param>
    /// <param name="retries">How failures are counted and told.</param>
    /// <param name="cancellation">Stops the request and all waits.</param>
    /// <returns>The text.</returns>
    public async Task<string> ReadTextAsync(Uri address, HubRetries retries, CancellationToken cancellation)
    {
        while (true)
        {
            using var response = await SendAsync(HttpMethod.Get, address, 0, retries, cancellation)
                .ConfigureAwait(false);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(_options.StallTimeout);
            try
            {
                return await response.Content.ReadAsStringAsync(patience.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (
                e is HttpRequestException or IOException
                || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                await retries.WaitAsync($"the connection broke ({Innermost(e)})", e, null, cancellation)
                    .ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> FollowAsync(
        HttpMethod method, Uri address, long from, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendOnceAsync(method, address, from, cancellation).ConfigureAwait(false);
            if (!IsRedirect(response))
            {
                return response;
            }

            var location = response.Headers.Location;
            var target = location is null ? null : new Uri(address, location);
            if (target is null || redirects == MaxRedirects || target.Scheme is not ("http" or "https")
                || (address.Scheme == "https" && target.Scheme != "https"))
            {
                response.Dispose();
                throw new InvalidDataException(
                    $"{address}: got a redirect to '{location}' (number {redirects + 1}); " +
                    $"wanted at most {MaxRedirects}, and none from https to http. Check HF_ENDPOINT.");
            }

            // The headers that describe a large file come with the redirect to where its bytes are.
            if (method == HttpMethod.Head
                && (!IsEndpoint(target) || HubErrors.Header(response, "X-Linked-Etag") is not null))
            {
                return response;
            }

            response.Dispose();
            address = target;
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, Uri address, long from, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.AcceptEncoding.Add(new("identity"));
        if (from > 0)
        {
            request.Headers.Range = new(from, null);
        }

        if (_options.Token is not null && IsEndpoint(address))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _options.Token);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_options.StallTimeout);
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token)
            .ConfigureAwait(false);
    }

    private bool IsEndpoint(Uri address) =>
        address.Scheme == _endpoint.Scheme && address.Host == _endpoint.Host && address.Port == _endpoint.Port;

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > _time.GetUtcNow() ? date - _time.GetUtcNow() : TimeSpan.Zero,
        _ => null,
    };

    private static bool IsRedirect(HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            or >= HttpStatusCode.InternalServerError;

    private static string Innermost(Exception e) => e.GetBaseException().Message;
}
