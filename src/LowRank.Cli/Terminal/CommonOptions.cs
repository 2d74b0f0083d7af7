using System.CommandLine;

namespace LowRank.Cli.Terminal;

/// <summary>Options that every command understands in the same way.</summary>
internal static class CommonOptions
{
    public static readonly Option<bool> Verbose = new("--verbose")
    {
        Description = "On an error, print the whole stack trace as well.",
        Recursive = true,
    };

    public static Option<bool> Json() =>
        new("--json") { Description = "Print the result as JSON on standard output; messages go to standard error." };

    public static Option<long> Seed() =>
        new("--seed") { Description = "Where randomness comes from; the same seed gives the same result.", HelpName = "N" };

    public static Option<int> Threads() =>
        new("--threads") { Description = "How many threads work; 0 for one per processor.", HelpName = "N" };

    /// <summary>A text that may be left out.</summary>
    public static Option<string?> Word(string name, string description, string help, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = help };

    /// <summary>A number that may be left out.</summary>
    public static Option<double?> Number(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };

    /// <summary>A whole number that may be left out; below <paramref name="least"/> it is refused.</summary>
    public static Option<int?> Whole(string name, string description, int least = 1) =>
        new Option<int?>(name) { Description = description, HelpName = "N" }.AtLeast(least);
}
