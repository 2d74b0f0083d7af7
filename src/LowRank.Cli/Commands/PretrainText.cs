using System.CommandLine;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Pretraining;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>The options that say what is read.</summary>
internal sealed class PretrainText
{
    private readonly Option<string?> _column =
        CommonOptions.Word("--text", "The column of the texts in tables. [default: guessed]", "COLUMN", "--text-column");
    private readonly Option<string?> _validation =
        CommonOptions.Word("--validation-file", "Text to judge by.", "FILE");
    private readonly Option<double?> _share =
        CommonOptions.Number("--validation-share", "Without such a file: the share of passages set aside. [default: 0.05]", "SHARE");
    private readonly Option<string?> _tokenizer =
        CommonOptions.Word("--tokenizer", "Folder with the tokenizer's files. [default: the model's own]", "DIR");
    private readonly Option<bool> _pairs = new("--pairs")
    {
        Description = "A BERT's rows are pairs of lines; learn as well whether they follow each other. For comparing texts. [default: full windows]",
    };

    private readonly Option<int?> _window =
        CommonOptions.Whole("--window", "Tokens of a window, into which the text is packed, or at most of a pair. [default: 128]");
    private readonly Option<double?> _mask =
        CommonOptions.Number("--mask-share", "The share of tokens that are hidden: whole words, or a T5's stretches. [default: 0.15]", "SHARE");
    private readonly Option<double?> _span =
        CommonOptions.Number("--span-length", "The mean length of a T5's stretches, in tokens. [default: 3]", "TOKENS");
    private readonly Option<string?> _dtype = CommonOptions.Word(
        "--dtype", "Number format of the weights in the file. [default: float32]", "float32|float16|bfloat16");

    public void AddTo(Command command)
    {
        _dtype.AcceptOnlyFromAmong("float32", "float16", "bfloat16");
        foreach (var option in new Option[] { _column, _validation, _share, _tokenizer, _pairs, _window, _mask, _span, _dtype })
        {
            command.Add(option);
        }
    }

    public PretrainOptions Read(ParseResult parsed, PretrainOptions before) => before with
    {
        TextColumn = parsed.GetValue(_column) ?? before.TextColumn,
        ValidationFile = parsed.GetValue(_validation) is { } file ? Path.GetFullPath(file) : before.ValidationFile,
        ValidationShare = parsed.GetValue(_share) ?? before.ValidationShare,
        TokenizerFolder = parsed.GetValue(_tokenizer) is { } folder ? Path.GetFullPath(folder) : before.TokenizerFolder,
        Masking = before.Masking with
        {
            Pairs = parsed.GetValue(_pairs) || before.Masking.Pairs,
            WindowLength = parsed.GetValue(_window) ?? before.Masking.WindowLength,
            MaskShare = parsed.GetValue(_mask) ?? before.Masking.MaskShare,
        },
        Spans = before.Spans with
        {
            WindowLength = parsed.GetValue(_window) ?? before.Spans.WindowLength,
            NoiseDensity = parsed.GetValue(_mask) ?? before.Spans.NoiseDensity,
            MeanSpanLength = parsed.GetValue(_span) ?? before.Spans.MeanSpanLength,
        },
        Dtype = parsed.GetValue(_dtype) switch
        {
            "float16" => TensorDtype.F16,
            "bfloat16" => TensorDtype.BF16,
            "float32" => TensorDtype.F32,
            _ => before.Dtype,
        },
    };

    /// <summary>Refuses what would be ignored.</summary>
    public void RequireFit(ParseResult parsed, bool isT5)
    {
        if (isT5 ? parsed.GetValue(_pairs) : parsed.GetValue(_span) is not null)
        {
            throw new UsageException(isT5
                ? "--pairs belongs to a BERT: a T5 reads windows of text; leave it out."
                : "--span-length belongs to a T5: a BERT's hidden words are single ones; leave it out, or add '--kind t5'.");
        }
    }
}
