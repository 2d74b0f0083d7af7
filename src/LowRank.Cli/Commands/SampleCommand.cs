using System.CommandLine;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank sample</c>: writes made-up data, so that every example can be tried as it stands.</summary>
internal static class SampleCommand
{
    private const int Users = 400;
    private const int Films = 250;
    private const int Rank = 3;
    private const int Ratings = 20_000;
    private const double Noise = 0.5;

    public static Command Create()
    {
        var task = new Option<string>("--task")
        {
            Description = "ratings: made-up film ratings. text: made-up reviews, and a tiny random BERT. The others tell of a made-up town: "
                + "pairs with a similarity of 0 to 5, messages with intents, pairs with entailment, facts with sentences, plain text.",
            HelpName = $"ratings|text|{string.Join('|', SampleTown.Tasks)}",
            DefaultValueFactory = _ => "ratings",
        };
        task.AcceptOnlyFromAmong(["ratings", "text", .. SampleTown.Tasks]);
        var rows = new Option<int?>("--rows")
        {
            Description = "Rows to learn from; a quarter as many to validate and to test. [default: 1200; 3000 of facts; 20000 passages of plain text]",
            HelpName = "N",
        };
        var output = new Option<string>("--out") { Description = "Folder for the files.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var seed = CommonOptions.Seed();
        var command = new Command("sample", "Write made-up data to try the other commands on.") { task, output, rows, seed };
        command.With(
            "lowrank sample --task ratings --out .",
            "lowrank sample --task text --out .",
            "lowrank sample --task intent --rows 240 --seed 7 --out data");
        command.SetAction(parsed =>
        {
            var (chosen, folder, from) = (parsed.GetRequiredValue(task), parsed.GetRequiredValue(output), Seed.From(parsed.GetValue(seed)));
            var count = parsed.GetValue(rows);
            if (count is < 4 || (count is not null && !SampleTown.Tasks.Contains(chosen)))
            {
                throw new UsageException(
                    $"--rows: got {count} for --task {chosen}; wanted at least 4, and one of the tasks {string.Join(", ", SampleTown.Tasks)}.");
            }

            OutputFolder.RequireWritable(folder);
            var lines = chosen switch
            {
                "ratings" => WriteRatings(folder, from),
                "text" => SampleText.Write(folder, from),
                _ => SampleTown.Write(chosen, folder, count, from),
            };
            foreach (var line in lines)
            {
                new Screen().Line(line);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static IReadOnlyList<string> WriteRatings(string folder, Seed seed)
    {
        var path = Path.Combine(folder, "ratings.csv");
        RatingsWriter.Write(path, Create(seed));
        return [$"{path}: {Ratings.ToString("N0", CultureInfo.InvariantCulture)} ratings of {Films} films by {Users} users"];
    }

    // Taste has rank 3, people are more or less generous, films more or less good, and nobody is quite consistent.
    private static ObservedMatrix Create(Seed seed)
    {
        var taste = SyntheticRatings.Create(
            new() { Rows = Users, Columns = Films, Rank = Rank, Entries = Ratings, Noise = Noise }, seed).Observed;
        var random = seed.For("biases").Random();
        var generosity = Enumerable.Range(0, Users).Select(_ => random.NextDouble() - 0.5).ToArray();
        var quality = Enumerable.Range(0, Films).Select(_ => (1.6 * random.NextDouble()) - 0.8).ToArray();
        var stars = new double[taste.Count];
        for (var k = 0; k < stars.Length; k++)
        {
            var liking = 3.4 + generosity[taste.Rows[k]] + quality[taste.Columns[k]] + (0.6 * taste.Values[k]);
            stars[k] = Math.Clamp(Math.Round(2 * liking) / 2, 0.5, 5);
        }

        return new(
            Users, Films, taste.Rows.ToArray(), taste.Columns.ToArray(), stars,
            new([.. Enumerable.Range(1, Users).Select(i => $"user-{i}")]),
            new([.. Enumerable.Range(1, Films).Select(j => $"film-{j}")]));
    }
}
