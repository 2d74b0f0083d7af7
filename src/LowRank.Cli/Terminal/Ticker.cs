using System.Diagnostics;

namespace LowRank.Cli.Terminal;

/// <summary>Shows one line of progress: a moving line on a terminal, else a line now and then.</summary>
internal sealed class Ticker
{
    private static readonly TimeSpan LiveEvery = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan PlainEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPlain = TimeSpan.FromSeconds(2);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _last = Screen.IsLive ? TimeSpan.Zero : FirstPlain - PlainEvery;

    /// <summary>Time since it was made.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Shows a line; most calls print nothing.</summary>
    public void Tell(string text)
    {
        var now = _clock.Elapsed;
        if (now - _last < (Screen.IsLive ? LiveEvery : PlainEvery))
        {
            return;
        }

        _last = now;
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
