using LowRank.Completion;
using LowRank.Completion.Input;
using LowRank.Tensors;

namespace LowRank.Acceptance;

/// <summary>The README's C# example, compiled and run.</summary>
internal static class ReadmeExample
{
    /// <summary>Runs the example in a folder that holds ratings.csv.</summary>
    public static void Run(string folder, TextWriter output)
    {
        var (before, screen) = (Directory.GetCurrentDirectory(), Console.Out);
        Directory.SetCurrentDirectory(folder);
        Console.SetOut(output);
        try
        {
            Example();
        }
        finally
        {
            Console.SetOut(screen);
            Directory.SetCurrentDirectory(before);
        }
    }

    private static void Example()
    {
        // readme-begin
        var ratings = RatingsReader.Read("ratings.csv").Observed;
        var split = ratings.Split(Seed.From(0), heldOut: 0.1);
        var model = new MatrixCompletion().Fit(split.Train);
        var score = model.Score(split.HeldOut);
        Console.WriteLine($"RMSE {score.Rmse:0.000} on {score.Count} ratings");
        Console.WriteLine($"user-7 would give film-3 {model.Predict("user-7", "film-3"):0.0}");
        model.Save("ratings-model");
        // readme-end
    }
}
