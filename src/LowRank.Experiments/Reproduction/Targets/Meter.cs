using System.Diagnostics;

namespace LowRank.Experiments.Reproduction.Targets;

/// <summary>Counts wall-clock and processor seconds, and stands still while something else is done.</summary>
internal sealed class Meter
{
    private readonly Stopwatch _clock = new();
    private double _processorBefore;
    private double _processor;

    /// <summary>Wall-clock seconds counted.</summary>
    public double Seconds => _clock.Elapsed.TotalSeconds;

    /// <summary>Processor seconds counted, of all threads.</summary>
    public double ProcessorSeconds => _processor + (_clock.IsRunning ? Now() - _processorBefore : 0);

    /// <summary>Goes on counting.</summary>
    public void Start()
    {
        _processorBefore = Now();
        _clock.Start();
    }

    /// <summary>Stands still.</summary>
    public void Stop()
    {
        _clock.Stop();
        _processor += Now() - _processorBefore;
    }

    private static double Now() => Environment.CpuUsage.TotalTime.TotalSeconds;
}
