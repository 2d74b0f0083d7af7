using System.CommandLine;
using LowRank.Cli.Commands;
using LowRank.Cli.Terminal;

var root = new RootCommand("Deep low-rank learning: complete matrices, adapt language models with LoRA and Deep LoRA.")
{
    CompleteCommand.Create(),
    DemoCommand.Create(),
    DoctorCommand.Create(),
    EvaluateCommand.Create(),
    FinetuneCommand.Create(),
    InspectCommand.Create(),
    PredictCommand.Create(),
    PretrainCommand.Create(),
    SampleCommand.Create(),
    ShellCommand.Create(),
    TokenizerCommand.Create(),
};
root.Add(CommonOptions.Verbose);
Examples.InstallInto(root);
return await CommandRunner.InvokeAsync(root, args).ConfigureAwait(false);
