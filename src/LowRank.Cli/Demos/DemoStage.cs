using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.Experiments.Reports;
using LowRank.Tensors;

namespace LowRank.Cli.Demos;

/// <summary>What the parts of a demo share: where things go, and the report that each of them adds to.</summary>
/// <param name="output">The folder for everything that the demo leaves.</param>
/// <param name="seed">The value that all randomness derives from.</param>
/// <param name="threads">How many threads work; 0 for as many as suit the part.</param>
/// <param name="json">Whether results are printed as JSON.</param>
/// <param name="stop">Ends the demo after the current step.</param>
internal sealed class DemoStage(string output, long seed, int threads, bool json, CancellationToken stop)
{
    private readonly Dictionary<string, object> _results = [];

    public Screen Screen { get; } = new(json);

    public Seed Seed { get; } = Seed.From(seed);

    public long SeedNumber { get; } = seed;

    public int Threads { get; } = threads;

    public CancellationToken Stop { get; } = stop;

    public HtmlReport Report { get; } = new(
        "LowRank: what it does",
        "Made-up data, small models, nothing fetched from anywhere: every figure below was measured on this machine just now.");

    private string ReportFile => In("report.html");

    public string In(string name) => Path.Combine(output, name);

    /// <summary>Begins a part, on the screen and in the report.</summary>
    public void Begin(string heading, string text)
    {
        Stop.ThrowIfCancellationRequested();
        Screen.Note($"{heading}: {text}");
        Report.Section(heading).Paragraph(text);
    }

    /// <summary>Shows a table in both places.</summary>
    public void Show(ReportTable table)
    {
        Screen.Table(table.Headings, table.Rows, table.LeftAligned);
        Report.Table(table);
    }

    /// <summary>Says a line in both places.</summary>
    public void Say(string text)
    {
        Screen.Line(text);
        Report.Paragraph(text);
    }

    /// <summary>Puts a picture into the report that was written as PNG and SVG.</summary>
    public void Figure(string stem, string caption) => Report.Figure(File.ReadAllText($"{In(stem)}.svg"), caption);

    /// <summary>Keeps a part's figures for <c>--json</c> and for the file beside the report.</summary>
    public void Keep(string part, object figures) => _results[part] = figures;

    /// <summary>Writes the report, and says where it is.</summary>
    public void End()
    {
        AtomicFile.WriteText(In("demo.json"), JsonOutput.Serialize(_results) + "\n");
        Report.Write(ReportFile);
        if (json)
        {
            Console.Out.WriteLine(JsonOutput.Serialize(_results));
            return;
        }

        Screen.Line($"report, with pictures: {Path.GetFullPath(ReportFile)}");
    }

    public static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}
