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
            Description = "ratings: made-up film ratings, half stars from 0.5 to 5. text: made-up reviews, and a tiny random BERT.",
            HelpName = "ratings|text",
            DefaultValueFactory = _ => "ratings",
        };
        task.AcceptOnlyFromAmong("ratings", "text");
        var output = new Option<string>("--out") { Description = "Folder for the files.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var seed = CommonOptions.Seed();
        var command = new Command("sample", "Write made-up data to try the other commands on.") { task, output, seed };
        command.With("lowrank sample --task ratings --out .", "lowrank sample --task text --out .", "lowrank sample --seed 7 --out data");
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(task) == "text")
            {
                foreach (var line in SampleText.Write(parsed.GetRequiredValue(output), Seed.From(parsed.GetValue(seed))))
                {
                    new Screen().Line(line);
                }

                return ExitCode.Success;
            }

            var path = Path.Combine(parsed.GetRequiredValue(output), "ratings.csv");
            RatingsWriter.Write(path, Create(Seed.From(parsed.GetValue(seed))));
            new Screen().Line($"{path}: {Ratings.ToString("N0", CultureInfo.InvariantCulture)} ratings of {Films} films by {Users} users");
            return ExitCode.Success;
        });
        return command;
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
