using System.Diagnostics;

namespace LowRank.Cli.Terminal;

/// <summary>Tells how long work is going: a moving line on a terminal, else a line now and then.</summary>
/// <param name="what">What is done.</param>
/// <param name="from">Steps that were done before the clock started.</param>
internal sealed class StepProgress(string what, int from = 0)
{
    private static readonly TimeSpan LiveEvery = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan PlainEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPlain = TimeSpan.FromSeconds(2);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last = Screen.IsLive ? TimeSpan.Zero : FirstPlain - PlainEvery;

    /// <summary>Reports a step; most calls print nothing.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="limit">Steps there may be.</param>
    /// <param name="details">Figures worth watching.</param>
    public void Report(int step, int limit, string details)
    {
        var now = _clock.Elapsed;
        if (now - _last < (Screen.IsLive ? LiveEvery : PlainEvery))
        {
            return;
        }

        _last = now;
        var left = step > from ? now.TotalSeconds / (step - from) * (limit - step) : double.NaN;
        var text = $"{what}: {step:N0} of at most {limit:N0}, {details}, at most {Screen.Duration(left)} left";
        if (Screen.IsLive)
        {
            Screen.MovingLine(text);
        }
        else
        {
            Console.Error.WriteLine(text);
        }
    }
}
