using LowRank.Completion.Input;
using LowRank.Tensors;
using LowRank.Testing;

namespace LowRank.Tests.Completion.Input;

/// <summary>The example and the complaint of docs/completion.md, part Input, against the code.</summary>
public sealed class DocumentedInputTests
{
    private static readonly string Root = Path.Combine(GoldenFile.Find("."), "..", "..");
    private static readonly string Document = File.ReadAllText(Path.Combine(Root, "docs", "completion.md"));

    [Fact]
    public void Example_Runs()
    {
        using var folder = new ScratchFolder();
        var lines = Enumerable.Range(0, 40).Select(i => FormattableString.Invariant($"u{i % 7},i{i % 13},{(i % 5) + 1}"));
        File.WriteAllLines(folder["ratings.csv"], ["user,item,rating", .. lines]);

        Assert.Equal((36, 4), Example(folder["ratings.csv"]));
    }

    [Fact]
    public void Example_StandsInTheDocumentAsItStandsHere()
    {
        var source = File.ReadAllText(
            Path.Combine(Root, "tests", "LowRank.Tests", "Completion", "Input", "DocumentedInputTests.cs"));
        var start = Document.IndexOf("```csharp\n", Document.IndexOf("### In C#", StringComparison.Ordinal), StringComparison.Ordinal) + 10;
        var example = Document[start..Document.IndexOf("```", start, StringComparison.Ordinal)];

        Assert.Contains(Unindented(example), Unindented(source), StringComparison.Ordinal);
    }

    [Fact]
    public void Complaint_StandsInTheDocument()
    {
        var message = Reading.Fault("user,item,rating\n1,2,3\n\n1,4,x\n").Replace(Reading.File, "ratings.csv", StringComparison.Ordinal);

        Assert.Contains(message, Document.Replace('\n', ' '), StringComparison.Ordinal);
    }

    private static (int Train, int Test) Example(string path)
    {
        var data = RatingsReader.Read(path, new RatingsOptions
        {
            Columns = "user,item,rating",
            Duplicates = DuplicatePolicy.KeepLast,
            Minimum = 0.5,
            Maximum = 5,
        });
        Console.WriteLine(data.Report.ToSummary());
        var (train, test) = data.Observed.Split(Seed.From(1), heldOut: 0.1);
        foreach (var fold in data.Observed.Folds(5, Seed.From(1)))
        {
            Console.WriteLine($"{fold.Train.Count} to learn from, {fold.HeldOut.Count} to judge by");
        }

        return (train.Count, test.Count);
    }

    private static string Unindented(string text) => string.Join('\n', text.Split('\n').Select(l => l.Trim()));
}
