using System.CommandLine;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank complete predict</c>: what a fitted model says about pairs, a row, or the whole matrix.</summary>
internal static class CompletePredictCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("model") { Description = "A folder that 'lowrank complete' wrote." };
        var pairs = new Option<string?>("--pairs") { Description = "A file of row and column ids; '-' reads standard input.", HelpName = "FILE" };
        var top = new Option<int?>("--top") { Description = "The so many columns with the highest predictions, with --for.", HelpName = "N" };
        var forId = new Option<string?>("--for") { Description = "The row id that --top is for.", HelpName = "ID" };
        var all = new Option<bool>("--include-observed") { Description = "With --top: also columns that the row was observed in." };
        var dense = new Option<string?>("--dense") { Description = "Write the whole matrix: .csv, .npy or .pgm.", HelpName = "OUT" };
        var output = new Option<string?>("--out") { Description = "With --pairs: write there instead of to standard output.", HelpName = "FILE" };
        var json = CommonOptions.Json();
        var input = new InputOptions();
        var command = new Command("predict", "Predict pairs, recommend for a row, or write the whole completed matrix.")
        {
            folder, pairs, top, forId, all, dense, output, json,
        };
        input.AddTo(command, pairs: true);
        command.With(
            "lowrank complete predict ratings-model --pairs pairs.csv --out predictions.csv",
            "lowrank complete predict ratings-model --top 10 --for 42",
            "lowrank complete predict photo-model --dense filled.pgm");
        command.SetAction((parsed, stop) =>
        {
            var (pairFile, count, id, target) = (parsed.GetValue(pairs), parsed.GetValue(top), parsed.GetValue(forId), parsed.GetValue(dense));
            var asked = new[] { pairFile is not null, count is not null || id is not null, target is not null }.Count(given => given);
            if (asked != 1)
            {
                throw new UsageException("Give one of '--pairs FILE', '--top N --for ID' and '--dense OUT'.");
            }

            var model = CompletionModel.Load(parsed.GetRequiredValue(folder));
            if (pairFile is not null)
            {
                WritePairs(model, pairFile, input.Read(parsed), parsed.GetValue(output), parsed.GetValue(json), stop);
            }
            else if (target is not null)
            {
                DenseWriter.Write(target, model);
                new Screen().Line($"{target}: {model.RowCount} x {model.ColumnCount} values");
            }
            else
            {
                WriteTop(model, count ?? 10, id, parsed.GetValue(all), parsed.GetValue(json));
            }

            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static void WritePairs(
        CompletionModel model, string file, RatingsOptions options, string? output, bool json, CancellationToken stop)
    {
        using var standardInput = file == "-" ? Console.OpenStandardInput() : null;
        var read = standardInput is null
            ? RatingsReader.ReadPairs(file, options, stop)
            : RatingsReader.ReadPairs(standardInput, "standard input", options, stop);
        void Write(TextWriter writer)
        {
            if (!json)
            {
                writer.WriteLine("row,column,prediction");
            }

            for (var k = 0; k < read.Count; k++)
            {
                var (row, column) = (read.RowIds[read.Rows[k]], read.ColumnIds[read.Columns[k]]);
                var prediction = model.Predict(row, column);
                writer.WriteLine(json
                    ? System.Text.Json.JsonSerializer.Serialize(new { row, column, prediction })
                    : $"{Quote(row)},{Quote(column)},{prediction.ToString("G9", CultureInfo.InvariantCulture)}");
            }
        }

        if (output is null)
        {
            using var writer = new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n" };
            Write(writer);
            return;
        }

        AtomicFile.Write(output, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            Write(writer);
        });
        new Screen().Note($"{output}: {read.Count} predictions");
    }

    private static void WriteTop(CompletionModel model, int count, string? id, bool includeObserved, bool json)
    {
        if (id is null)
        {
            throw new UsageException("--top needs the row that it is for: add '--for ID'.");
        }

        var known = model.RowIds?.TryIndexOf(id, out _) ?? (int.TryParse(id, out var row) && row >= 0 && row < model.RowCount);
        var list = model.Top(id, count, includeObserved);
        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(new { For = id, Known = known, Top = list }));
            return;
        }

        var screen = new Screen();
        if (!known)
        {
            screen.Note($"The model never saw the row '{id}': these are the columns with the highest biases.");
        }

        screen.Table(
            ["column", "prediction"],
            list.Select(item => new[] { item.Id, item.Score.ToString("0.000", CultureInfo.InvariantCulture) }));
    }

    private static string Quote(string id) =>
        id.AsSpan().IndexOfAny(",\"\n\r") < 0 ? id : $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
