using System.CommandLine;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Pretraining;
using LowRank.Transformers.Tokenization;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank tokenizer train</c>: learns a WordPiece or Unigram vocabulary from text.</summary>
internal static class TokenizerCommand
{
    private const string WordPiece = "wordpiece";
    private const string Unigram = "unigram";
    private static readonly string[] Vocabularies = ["vocab.txt", "spiece.model", "tokenizer.json"];

    public static Command Create()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Text files, or tables (CSV, TSV, JSON lines, Parquet) with a column of texts.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--out") { Description = "Folder for the tokenizer's files.", HelpName = "DIR", Required = true };
        var kind = new Option<string>("--kind")
        {
            Description = "wordpiece: BERT's. unigram: T5's.",
            HelpName = $"{WordPiece}|{Unigram}",
            DefaultValueFactory = _ => WordPiece,
        };
        kind.AcceptOnlyFromAmong(WordPiece, Unigram);
        var size = CommonOptions.Whole("--size", "The most pieces, special tokens among them. [default: 8000]");
        var cased = new Option<bool>("--cased") { Description = "wordpiece: keep capitals and accents; unigram always does." };
        var sentinels = CommonOptions.Whole("--sentinels", "unigram: tokens that stand for what is left out of a text. [default: 100]", least: 0);
        var column = CommonOptions.Word("--text", "The column of the texts in tables. [default: guessed]", "COLUMN", "--text-column");
        var train = new Command("train", "Learn the vocabulary of a BERT (WordPiece) or a T5 (Unigram) from text.")
        {
            files, output, kind, size, cased, sentinels, column,
        };
        train.With(
            "lowrank tokenizer train town-train.txt --size 3000 --out town-bert-vocabulary",
            "lowrank tokenizer train town-train.txt --kind unigram --size 3000 --out town-t5-vocabulary",
            "lowrank tokenizer train reviews.csv notes.txt --cased --out pieces");
        train.SetAction(parsed =>
        {
            var (folder, chosen) = (parsed.GetRequiredValue(output), parsed.GetRequiredValue(kind));
            RequireFree(folder);
            if (chosen == Unigram ? parsed.GetValue(cased) : parsed.GetValue(sentinels) is not null)
            {
                throw new UsageException(chosen == Unigram
                    ? "--cased belongs to --kind wordpiece: a unigram vocabulary keeps capitals anyway; leave it out."
                    : "--sentinels belongs to --kind unigram: add that, or leave it out.");
            }

            var lines = PretrainingText.ReadLines(parsed.GetRequiredValue(files), parsed.GetValue(column));
            var count = chosen == Unigram
                ? TrainUnigram(folder, lines, parsed.GetValue(size), parsed.GetValue(sentinels))
                : TrainWordPiece(folder, lines, parsed.GetValue(size), !parsed.GetValue(cased));
            new Screen().Line(string.Create(CultureInfo.InvariantCulture, $"{folder}: {count:N0} pieces"));
        });
        return new Command("tokenizer", "Make the vocabulary of a new model.") { train }
            .With("lowrank tokenizer train town-train.txt --size 3000 --out town-bert-vocabulary");
    }

    private static void RequireFree(string folder)
    {
        if (Array.Find(Vocabularies, name => File.Exists(Path.Combine(folder, name))) is { } name)
        {
            throw new UsageException($"{folder}: there is a {name} already, which a model may rely on; choose another --out.");
        }

        OutputFolder.RequireWritable(folder);
    }

    private static int TrainWordPiece(string folder, IEnumerable<string> lines, int? size, bool lowerCase)
    {
        var options = new WordPieceTrainingOptions { LowerCase = lowerCase };
        var pieces = WordPieceTrainer.Train(lines, options with { Size = size ?? options.Size });
        WordPieceTrainer.Write(folder, pieces, lowerCase);
        return pieces.Count;
    }

    private static int TrainUnigram(string folder, IEnumerable<string> lines, int? size, int? sentinels)
    {
        var options = new UnigramTrainingOptions();
        options = options with { Size = size ?? options.Size, Sentinels = sentinels ?? options.Sentinels };
        var pieces = UnigramTrainer.Train(lines, options);
        UnigramTrainer.Write(folder, pieces);
        return pieces.Count;
    }
}
