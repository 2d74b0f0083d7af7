using System.CommandLine;
using LowRank.Cli.Terminal;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank doctor</c>: is this machine ready, and if not, what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Check this machine: versions, native libraries, processor, memory, CUDA.") { json };
        command.With("lowrank doctor", "lowrank doctor --json");
        command.SetAction(parsed =>
        {
            var findings = Doctor.Examine();
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(JsonOutput.Serialize(findings));
            }
            else
            {
                Print(findings);
            }

            return findings.Ready ? ExitCode.Success : ExitCode.Failure;
        });
        return command;
    }

    private static void Print(DoctorFindings findings)
    {
        var screen = new Screen();
        screen.Table(
            ["what", "found"],
            [
                ["LowRank", findings.LowRank],
                [".NET", findings.DotNet],
                ["system", findings.System],
                ["TorchSharp", findings.TorchSharp],
                ["libtorch", findings.LibTorch ?? "not loaded"],
                ["native file", findings.NativeFile ?? "not loaded"],
                ["mended for old libstdc++", findings.Mended switch { true => "yes", false => "no", null => "does not apply" }],
                ["processor", findings.Processor],
                ["vector instructions", string.Join(", ", findings.VectorInstructions)],
                ["threads", $"{findings.Processors} processors, {findings.TorchThreads?.ToString() ?? "no"} libtorch threads"],
                ["memory", FormattableString.Invariant(
                    $"{findings.MemoryGiB:0.0} GiB for this process, {findings.FreeDiskGiB:0.0} GiB free in the temporary folder")],
                ["CUDA", findings.Cuda],
                ["matrix product", findings.Product],
            ],
            leftAligned: 2);
        foreach (var problem in findings.Problems)
        {
            screen.Line($"problem: {problem.What}");
            screen.Line($"remedy:  {problem.Remedy}");
        }

        screen.Line(findings.Ready ? "Ready." : "Not ready.");
    }
}
