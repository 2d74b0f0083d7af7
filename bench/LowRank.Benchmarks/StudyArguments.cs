using System.Globalization;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>The options of a study: pairs of <c>--name</c> and value.</summary>
internal sealed class StudyArguments
{
    private readonly Dictionary<string, string> _values = [];

    public StudyArguments(string[] words)
    {
        if (words.Length % 2 != 0)
        {
            throw new ArgumentException("Options come in pairs: --name value.");
        }

        for (var i = 0; i < words.Length; i += 2)
        {
            _values[words[i]] = words[i + 1];
        }
    }

    public int Integer(string name, int standard) => (int)Number(name, standard);

    public double Number(string name, double standard) =>
        _values.TryGetValue(name, out var value) ? double.Parse(value, CultureInfo.InvariantCulture) : standard;

    public string Text(string name, string standard) => _values.GetValueOrDefault(name, standard);

    /// <summary>What the figures were measured on; belongs above each table.</summary>
    public static string Machine() => string.Create(
        CultureInfo.InvariantCulture,
        $"# {Environment.ProcessorCount} processors, {torch.get_num_threads()} torch threads, "
        + $".NET {Environment.Version}, {DateTime.UtcNow:u}");

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
