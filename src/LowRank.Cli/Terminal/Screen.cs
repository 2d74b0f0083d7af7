using System.Globalization;
using Spectre.Console;

namespace LowRank.Cli.Terminal;

/// <summary>Where a command's words go: results to standard output, messages and progress to standard error.</summary>
/// <remarks>A terminal gets colour, tables and a moving progress line; a file or pipe gets plain lines.</remarks>
internal sealed class Screen
{
    private const int Sentence = 60; // a cell of so many characters may take several lines
    private readonly IAnsiConsole _messages;
    private readonly IAnsiConsole _results;

    /// <summary>A screen; with JSON asked for, everything but the JSON itself goes to standard error.</summary>
    public Screen(bool json = false)
    {
        _messages = For(Console.Error, Console.IsErrorRedirected);
        _results = json ? _messages : For(Console.Out, Console.IsOutputRedirected);
    }

    /// <summary>Whether someone watches: the progress line may move.</summary>
    public static bool IsLive => !Console.IsErrorRedirected;

    /// <summary>A message on the way, such as what a file holds.</summary>
    public void Note(string text) => _messages.WriteLine(text);

    /// <summary>A line of the result.</summary>
    public void Line(string text = "") => _results.WriteLine(text);

    /// <summary>A table of the result; the first row holds the headings.</summary>
    public void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows, int leftAligned = 1)
    {
        var lines = rows.ToList();
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        for (var c = 0; c < headings.Count; c++)
        {
            var longest = lines.Select(row => row[c].Length).DefaultIfEmpty(0).Max();
            var column = new TableColumn(new Text(headings[c])) { NoWrap = longest < Sentence };
            table.AddColumn(c < leftAligned ? column : column.RightAligned());
        }

        foreach (var row in lines)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }

        _results.Write(table);
    }

    /// <summary>Overwrites the moving line; only for terminals.</summary>
    public static void MovingLine(string text)
    {
        var width = Math.Max(20, SafeWidth() - 1);
        Console.Error.Write("\r" + (text.Length > width ? text[..width] : text.PadRight(width)));
    }

    /// <summary>Clears the moving line.</summary>
    public static void ClearMovingLine()
    {
        if (IsLive)
        {
            MovingLine("");
            Console.Error.Write('\r');
        }
    }

    /// <summary>A duration for people: 0.42 s, 12 s, 3 min 05 s, 2 h 10 min.</summary>
    public static string Duration(double seconds) =>
        seconds < 10 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s")
        : seconds < 100 ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s")
        : seconds < 6000 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60)} min {seconds % 60:00} s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600)} h {seconds / 60 % 60:00} min");

    private static int SafeWidth()
    {
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 80;
        }
    }

    private static IAnsiConsole For(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
        if (redirected)
        {
            console.Profile.Width = 200; // a file does not wrap
        }

        return console;
    }
}
