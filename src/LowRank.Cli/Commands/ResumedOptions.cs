using System.Text.Json.Nodes;
using LowRank.Cli.Terminal;

namespace LowRank.Cli.Commands;

/// <summary>Refuses options that would make another run of the one that is resumed.</summary>
internal static class ResumedOptions
{
    private const string Adapter = "adapter.";

    /// <summary>Requires that what the command line says is what the run was begun with.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="now">The run's options with those of the command line in their places.</param>
    /// <param name="before">The run's options.</param>
    public static void RequireSame<T>(string folder, T now, T before)
    {
        var differing = Lines(now).Except(Lines(before)).ToList();
        if (differing.Exists(IsMethod))
        {
            // Another method's own options follow from it.
            differing.RemoveAll(line => line.StartsWith(Adapter, StringComparison.Ordinal) && !IsMethod(line));
        }

        if (differing.Count > 0)
        {
            throw new UsageException(
                $"--resume goes on with the options of {folder}; these differ: {string.Join(", ", differing)}. "
                    + "Leave them out, or start a new run.");
        }
    }

    private static bool IsMethod(string line) => line.StartsWith($"{Adapter}method ", StringComparison.Ordinal);

    private static List<string> Lines<T>(T options) => Lines(JsonNode.Parse(JsonOutput.Serialize(options)), "");

    private static List<string> Lines(JsonNode? node, string path) => node is JsonObject parts
        ? [.. parts.SelectMany(part => Lines(part.Value, path.Length == 0 ? part.Key : $"{path}.{part.Key}"))]
        : [$"{path} {node?.ToJsonString() ?? "null"}"];
}
