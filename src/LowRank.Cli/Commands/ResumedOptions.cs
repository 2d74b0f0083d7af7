using System.Text.Json.Nodes;
using LowRank.Cli.Terminal;

namespace LowRank.Cli.Commands;

/// <summary>Refuses options that would make another run of the one that is resumed.</summary>
internal static class ResumedOptions
{
    /// <summary>Requires that what the command line says is what the run was begun with.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="now">The run's options with those of the command line in their places.</param>
    /// <param name="before">The run's options.</param>
    public static void RequireSame<T>(string folder, T now, T before)
    {
        var own = Lines(before);
        var differing = Lines(now)
            .Where(line => own.TryGetValue(line.Key, out var value) && value != line.Value)
            .Select(line => $"{line.Key} {line.Value}")
            .ToList();
        if (differing.Count > 0)
        {
            throw new UsageException(
                $"--resume goes on with the options of {folder}; these differ: {string.Join(", ", differing)}. "
                    + "Leave them out, or start a new run.");
        }
    }

    // Each option under its path; another adapter's options, which the run's has not, follow from its method.
    private static Dictionary<string, string> Lines<T>(T options) => Lines(JsonNode.Parse(JsonOutput.Serialize(options)), "").ToDictionary();

    private static IEnumerable<KeyValuePair<string, string>> Lines(JsonNode? node, string path) => node is JsonObject parts
        ? parts.SelectMany(part => Lines(part.Value, path.Length == 0 ? part.Key : $"{path}.{part.Key}"))
        : [new(path, node?.ToJsonString() ?? "null")];
}
