using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LowRank.Cli.Terminal;

/// <summary>Examples at the end of a command's help.</summary>
internal static class Examples
{
    private static readonly Dictionary<Command, string[]> ByCommand = [];

    /// <summary>Gives a command examples: each a line to type, with a comment behind two blanks and a hash.</summary>
    public static T With<T>(this T command, params string[] lines)
        where T : Command
    {
        ByCommand[command] = lines;
        return command;
    }

    /// <summary>Makes the help of every command end with its examples.</summary>
    public static void InstallInto(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelp((HelpAction)help.Action!);
    }

    private sealed class ExamplesHelp(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = inner.Invoke(parseResult);
            if (ByCommand.TryGetValue(parseResult.CommandResult.Command, out var lines))
            {
                var output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (var line in lines)
                {
                    output.WriteLine($"  {line}");
                }

                output.WriteLine();
            }

            return code;
        }
    }
}
