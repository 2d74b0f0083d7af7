using System.CommandLine;
using LowRank.Cli.Commands;
using LowRank.Cli.Terminal;

var root = new RootCommand("Deep low-rank learning: complete matrices, adapt language models with LoRA and Deep LoRA.")
{
    CompareCommand.Create(),
    CompleteCommand.Create(),
    DemoCommand.Create(),
    DoctorCommand.Create(),
    EvaluateCommand.Create(),
    ExportCommand.Create(),
    FinetuneCommand.Create(),
    GenerateCommand.Create(),
    ImportCommand.Create(),
    InspectCommand.Create(),
    MergeCommand.Create(),
    PredictCommand.Create(),
    PretrainCommand.Create(),
    ReportCommand.Create(),
    ReproduceCommand.Create(),
    SampleCommand.Create(),
    ShellCommand.Create(),
    TokenizerCommand.Create(),
};
root.Add(CommonOptions.Verbose);
Examples.InstallInto(root);
return await CommandRunner.InvokeAsync(root, args).ConfigureAwait(false);
