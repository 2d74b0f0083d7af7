using System.CommandLine;
using LowRank.Completion.Input;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>The options that say how a file of observed entries is read.</summary>
internal sealed class InputOptions
{
    private readonly Option<RatingsFormat> _format = new("--format")
    {
        Description = "The file's form; known by its first bytes when not given.",
        HelpName = "auto|delimited|matrixmarket|densetext|npy|pgm|png",
    };

    private readonly Option<string?> _columns = new("--columns")
    {
        Description = "The fields of row id, column id and value: names of the header, or numbers from 1.",
        HelpName = "user,item,rating",
    };

    private readonly Option<string?> _delimiter = new("--delimiter")
    {
        Description = "What parts the fields: a mark, '::', 'tab' or 'space'; guessed when not given.",
        HelpName = "MARK",
    };

    private readonly Option<bool?> _header = new("--header")
    {
        Description = "Whether the first line holds names; guessed when not given.",
        HelpName = "true|false",
    };

    private readonly Option<bool?> _rowNames = new("--row-names")
    {
        Description = "For dense text: whether each line begins with a name; guessed when not given.",
        HelpName = "true|false",
    };

    private readonly Option<DuplicatePolicy> _duplicates = new("--duplicates")
    {
        Description = "What to do with a second value for the same row and column.",
        HelpName = "refuse|keeplast|mean",
    };

    private readonly Option<BadLinePolicy> _badLines = new("--bad-lines")
    {
        Description = "What to do with a line that cannot be read.",
        HelpName = "refuse|leaveout",
    };

    private readonly Option<double?> _minimum = new("--minimum")
    {
        Description = "The lowest value allowed.",
        HelpName = "X",
    };

    private readonly Option<double?> _maximum = new("--maximum")
    {
        Description = "The highest value allowed.",
        HelpName = "X",
    };

    private readonly Option<string?> _mask = new("--mask")
    {
        Description = "For images and dense files: a grey image of the same size whose black pixels are missing.",
        HelpName = "FILE",
    };

    private readonly Option<double> _hide = new("--hide")
    {
        Description = "For images and dense files: the share of entries to hide, to judge the completion by.",
        HelpName = "SHARE",
    };

    /// <summary>Adds the options to a command; pairs need those of delimited text only.</summary>
    public void AddTo(Command command, bool pairs = false)
    {
        command.Add(_columns);
        command.Add(_delimiter);
        command.Add(_header);
        if (pairs)
        {
            return;
        }

        command.Add(_format);
        command.Add(_rowNames);
        command.Add(_duplicates);
        command.Add(_badLines);
        command.Add(_minimum);
        command.Add(_maximum);
        command.Add(_mask);
        command.Add(_hide);
    }

    public RatingsOptions Read(ParseResult parsed, long seed = 0, int threads = 0) => new()
    {
        Format = parsed.GetValue(_format),
        Columns = parsed.GetValue(_columns),
        Delimiter = parsed.GetValue(_delimiter) switch { "tab" => "\t", "space" => " ", var mark => mark },
        Header = parsed.GetValue(_header),
        RowNames = parsed.GetValue(_rowNames),
        Duplicates = parsed.GetValue(_duplicates),
        BadLines = parsed.GetValue(_badLines),
        Minimum = parsed.GetValue(_minimum),
        Maximum = parsed.GetValue(_maximum),
        MaskPath = parsed.GetValue(_mask),
        Hide = parsed.GetValue(_hide),
        Seed = Seed.From(seed),
        Threads = threads,
    };
}
