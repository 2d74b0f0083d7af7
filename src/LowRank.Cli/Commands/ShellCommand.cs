using System.CommandLine;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank shell</c>: prints a script that teaches a shell to complete the commands.</summary>
internal static class ShellCommand
{
    private const string Bash = """
        _lowrank() {
          local IFS=$'\n'
          COMPREPLY=( $(lowrank "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null) )
        }
        complete -o default -F _lowrank lowrank
        """;

    private const string Zsh = """
        _lowrank() {
          local words_at=("${(@f)$(lowrank "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a words_at
          _files
        }
        compdef _lowrank lowrank
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName lowrank -ScriptBlock {
          param($word, $line, $position)
          lowrank "[suggest:$position]" "$line" | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "pwsh");
        var command = new Command("shell", "Print a script that makes a shell complete lowrank's commands and options.") { shell };
        Terminal.Examples.With(command, "lowrank shell bash >> ~/.bashrc", "lowrank shell pwsh | Out-String | Invoke-Expression");
        command.SetAction(parsed => Console.Out.WriteLine(parsed.GetValue(shell) switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            _ => PowerShell,
        }));
        return command;
    }
}
