namespace LowRank.Cli.Terminal;

/// <summary>Tells how long work is going: a moving line on a terminal, else a line now and then.</summary>
/// <param name="what">What is done.</param>
/// <param name="from">Steps that were done before the clock started.</param>
internal sealed class StepProgress(string what, int from = 0)
{
    private readonly Ticker _ticker = new();

    /// <summary>Reports a step; most calls print nothing.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="limit">Steps there may be.</param>
    /// <param name="details">Figures worth watching.</param>
    public void Report(int step, int limit, string details)
    {
        var left = step > from ? _ticker.Elapsed.TotalSeconds / (step - from) * (limit - step) : double.NaN;
        _ticker.Tell($"{what}: {step:N0} of at most {limit:N0}, {details}, at most {Screen.Duration(left)} left");
    }
}
