using System.CommandLine;
using LowRank.Cli.Terminal;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank complete</c>: fills a partly observed matrix, or measures how well that goes.</summary>
internal static class CompleteCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The observed entries: CSV, TSV, u.data, MatrixMarket, LIBMF, NPY, PGM, PNG; gzip of each." };
        var output = new Option<string?>("--out") { Description = "Folder for the model and its report. [default: FILE's name + '-model']", HelpName = "DIR" };
        var force = new Option<bool>("--force") { Description = "Replace a model that is there already." };
        var resume = new Option<bool>("--resume") { Description = "Go on from the model in --out, with the same options." };
        var test = new Option<string?>("--test") { Description = "Entries to judge by, in a file of the same kind.", HelpName = "FILE" };
        var holdOut = new Option<double?>("--holdout") { Description = "Set this share aside at random, never learn from it, and judge by it.", HelpName = "SHARE" };
        var repeat = new Option<int?>("--repeat") { Description = "With --holdout: so many splits, seeds counting up. Measures only, writes no model.", HelpName = "N" };
        var folds = new Option<int?>("--folds") { Description = "Cross-validation with so many folds. Measures only, writes no model.", HelpName = "K" };
        var input = new InputOptions();
        var model = new ModelOptions();
        var (seed, threads, json) = (CommonOptions.Seed(), CommonOptions.Threads(), CommonOptions.Json());
        var command = new Command("complete", "Fill a partly observed matrix, such as ratings: fits a model, reports its errors, draws its curve.")
        {
            file, output, force, resume, test, holdOut, repeat, folds,
        };
        model.AddTo(command);
        input.AddTo(command);
        command.Add(seed);
        command.Add(threads);
        command.Add(json);
        command.Add(CompletePredictCommand.Create());
        command.With(
            "lowrank complete ratings.csv",
            "lowrank complete ratings.csv --holdout 0.1 --repeat 5",
            "lowrank complete u.data --folds 5 --json",
            "lowrank complete photo.pgm --mask holes.pgm --no-biases",
            "lowrank complete matrix.csv --format densetext --method descent --rank 5 --no-biases",
            "lowrank complete predict ratings-model --top 10 --for 42");
        command.SetAction((parsed, stop) =>
        {
            var request = new CompleteRequest
            {
                File = parsed.GetRequiredValue(file),
                Output = parsed.GetValue(output),
                Force = parsed.GetValue(force),
                Resume = parsed.GetValue(resume),
                TestFile = parsed.GetValue(test),
                HoldOut = parsed.GetValue(holdOut),
                Repeat = parsed.GetValue(repeat),
                Folds = parsed.GetValue(folds),
                Input = input.Read(parsed, parsed.GetValue(seed), parsed.GetValue(threads)),
                Model = model.Read(parsed, parsed.GetValue(seed), parsed.GetValue(threads)),
                Seed = parsed.GetValue(seed),
                Json = parsed.GetValue(json),
            };
            request.Validate();
            var code = request.Measures ? new CompleteMeasure(request, stop).Run() : new CompleteFit(request, stop).Run();
            return Task.FromResult(code);
        });
        return command;
    }
}
