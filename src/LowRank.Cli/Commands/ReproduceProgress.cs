using System.Diagnostics;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Reproduction;

namespace LowRank.Cli.Commands;

/// <summary>Tells how far a reproduction is and how long it will take: runs differ in length, so it weighs them.</summary>
internal sealed class ReproduceProgress(IEnumerable<Cell> cells) : IProgress<CellProgress>
{
    private readonly List<Cell> _left = [.. cells];
    private readonly Ticker _ticker = new();
    private readonly Stopwatch _clock = new();
    private double _expected;
    private double _taken;
    private int _done;
    private string _now = "";

    /// <summary>A run begins.</summary>
    public void Begin(string target, Cell cell)
    {
        _now = $"{target}: {cell}";
        _clock.Restart();
        Tell("");
    }

    /// <summary>The run is done.</summary>
    public void End()
    {
        (_expected, _taken) = (_expected + _left[0].Seconds, _taken + _clock.Elapsed.TotalSeconds);
        _left.RemoveAt(0);
        _done++;
    }

    /// <inheritdoc/>
    public void Report(CellProgress value) =>
        Tell(string.Create(CultureInfo.InvariantCulture, $" at step {value.Done:N0} of at most {value.Limit:N0}, {value.Details}"));

    // Until a run is done, the machine is taken to be as fast as the one that the runs' seconds were measured on.
    private void Tell(string details)
    {
        var pace = _expected > 0 ? _taken / _expected : 1;
        var now = Math.Max(0, (pace * _left[0].Seconds) - _clock.Elapsed.TotalSeconds);
        var left = now + (pace * _left.Skip(1).Sum(cell => cell.Seconds));
        _ticker.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"run {_done + 1} of {_done + _left.Count}: {_now}{details}{(left > 0 ? $", about {Screen.Duration(left)} left in all" : "")}"));
    }
}
