using System.CommandLine;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Pretraining;
using LowRank.Transformers.Tokenization;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank tokenizer train</c>: learns a WordPiece vocabulary from text.</summary>
internal static class TokenizerCommand
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Text files, or tables (CSV, TSV, JSON lines, Parquet) with a column of texts.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--out") { Description = "Folder for vocab.txt and tokenizer_config.json.", HelpName = "DIR", Required = true };
        var size = CommonOptions.Whole("--size", "The most pieces. [default: 8000]");
        var cased = new Option<bool>("--cased") { Description = "Keep capitals and accents." };
        var column = CommonOptions.Word("--text", "The column of the texts in tables. [default: guessed]", "COLUMN", "--text-column");
        var train = new Command("train", "Learn the vocabulary of a BERT (WordPiece) from text.") { files, output, size, cased, column };
        train.With(
            "lowrank tokenizer train town-train.txt --size 3000 --out town-bert",
            "lowrank tokenizer train reviews.csv notes.txt --cased --out pieces");
        train.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            if (File.Exists(Path.Combine(folder, "vocab.txt")))
            {
                throw new UsageException($"{folder}: there is a vocab.txt already, which a model may rely on; choose another --out.");
            }

            var options = new WordPieceTrainingOptions { LowerCase = !parsed.GetValue(cased) };
            options = options with { Size = parsed.GetValue(size) ?? options.Size };
            var pieces = WordPieceTrainer.Train(PretrainingText.ReadLines(parsed.GetRequiredValue(files), parsed.GetValue(column)), options);
            WordPieceTrainer.Write(folder, pieces, options.LowerCase);
            new Screen().Line(string.Create(CultureInfo.InvariantCulture, $"{folder}: {pieces.Count:N0} pieces"));
        });
        return new Command("tokenizer", "Make the vocabulary of a new model.") { train }
            .With("lowrank tokenizer train town-train.txt --size 3000 --out town-bert");
    }
}
