namespace LowRank.Transformers.Hub;

/// <summary>Counts the failures of one task in a row and waits longer after each.</summary>
internal sealed class HubRetries(
    string subject,
    HubOptions options,
    TimeProvider time,
    IProgress<HubEvent>? progress,
    string file = "",
    int attempts = 0)
{
    private readonly int _attempts = attempts > 0 ? attempts : options.Attempts;
    private int _failures;

    /// <summary>What is being fetched, for messages.</summary>
    public string Subject => subject;

    /// <summary>Forgets the failures so far: something has arrived since.</summary>
    public void Reset() => _failures = 0;

    /// <summary>Notes a failure and waits before the next attempt.</summary>
    /// <param name="problem">What went wrong, as half a sentence.</param>
    /// <param name="cause">The exception, when there was one.</param>
    /// <param name="asked">How long the Hub asks to wait; null when it says nothing.</param>
    /// <param name="cancellation">Stops the wait.</param>
    /// <exception cref="IOException">No attempt is left, or the Hub asks for too long a wait.</exception>
    public async Task WaitAsync(string problem, Exception? cause, TimeSpan? asked, CancellationToken cancellation)
    {
        _failures++;
        var delay = asked ?? TimeSpan.FromTicks(
            Math.Min(options.FirstDelay.Ticks << Math.Min(_failures - 1, 16), options.LongestDelay.Ticks));
        if (delay > options.LongestDelay)
        {
            throw new IOException(
                $"{subject}: the Hub asks to wait {delay.TotalSeconds:0} s; wanted at most " +
                $"{options.LongestDelay.TotalSeconds:0}. Run again later, or set HF_TOKEN: known users have " +
                "higher limits.");
        }

        if (_failures >= _attempts)
        {
            throw new HubUnreachableException(
                $"{subject}: {problem}, {_failures} {(_failures == 1 ? "time" : "times")} in a row. Check the " +
                $"network, the proxy and the endpoint ({options.Endpoint}), and run again: downloads " +
                "go on where they stopped.",
                cause);
        }

        progress?.Report(
            new(HubStage.Retrying, file, 0, 0, $"{subject}: {problem}; again in {delay.TotalSeconds:0.#} s"));
        await Task.Delay(delay, time, cancellation).ConfigureAwait(false);
    }
}
