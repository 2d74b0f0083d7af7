using System.Globalization;
using LowRank.Completion;

namespace LowRank.Cli.Commands;

/// <summary>Looks into the folder of a completion model.</summary>
internal static class InspectCompletion
{
    private const int MostValues = 12;

    public static Inspection Folder(string path)
    {
        var model = CompletionModel.Load(path);
        var report = model.Report;
        var facts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["method"] = report.Method,
            ["rows"] = Whole(model.RowCount),
            ["columns"] = Whole(model.ColumnCount),
            ["entries"] = Whole(report.Entries),
            ["directions"] = Whole(report.Width),
            ["mean"] = Number(model.Mean),
            ["predictions"] = $"{Number(model.Low)} to {Number(model.High)}",
            ["ended"] = $"{report.StopReason} after {Whole(report.Steps)} steps",
            ["RMSE learned from"] = Number(report.TrainRmse),
        };
        if (report.Validation is { } validation)
        {
            facts["RMSE validation"] = $"{Number(validation.Rmse)} on {Whole(validation.Count)} entries";
        }

        return new(path, "a completion model", facts,
        [
            new(
                ["singular value of the low-rank part", "size"],
                [.. report.SingularValues.Take(MostValues).Select((value, index) => (string[])[Whole(index + 1), Number(value)])]),
        ]);
    }

    private static string Number(double value) => value.ToString("G5", CultureInfo.InvariantCulture);

    private static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
