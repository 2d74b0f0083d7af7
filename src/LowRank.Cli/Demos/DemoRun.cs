using System.Text.Json.Serialization;

namespace LowRank.Cli.Demos;

/// <summary>One method on one matrix; the recovery error is null when it was not run to the end.</summary>
internal sealed record DemoRun(
    string Matrix, string Method, int Steps, double Seconds, double? RecoveryError,
    [property: JsonIgnore] IReadOnlyList<(double X, double Y)> Curve);
