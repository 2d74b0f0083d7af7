using LowRank.Cli.Terminal;
using LowRank.Completion;
using LowRank.Completion.Input;

namespace LowRank.Cli.Commands;

/// <summary>What <c>lowrank complete</c> was asked to do.</summary>
internal sealed record CompleteRequest
{
    public required string File { get; init; }

    public required string? Output { get; init; }

    public required bool Force { get; init; }

    public required bool Resume { get; init; }

    public required string? TestFile { get; init; }

    public required double? HoldOut { get; init; }

    public required int? Repeat { get; init; }

    public required int? Folds { get; init; }

    public required RatingsOptions Input { get; init; }

    public required MatrixCompletionOptions Model { get; init; }

    public required long Seed { get; init; }

    public required bool Json { get; init; }

    /// <summary>Whether splits are only measured, without writing a model.</summary>
    public bool Measures => Folds is not null || Repeat is not null;

    /// <summary>The model's folder.</summary>
    public string Folder => Output ?? $"{Stem(File)}-model";

    public void Validate()
    {
        var chosen = new[] { TestFile is not null, HoldOut is not null, Folds is not null }.Count(given => given);
        Want(chosen <= 1, "--test, --holdout and --folds exclude each other: give one of them.");
        Want(Repeat is null || HoldOut is not null, "--repeat counts random splits: add '--holdout 0.1'.");
        Want(Repeat is null or >= 1, $"--repeat: got {Repeat}; wanted 1 or more.");
        Want(Folds is null or >= 2, $"--folds: got {Folds}; wanted 2 or more.");
        Want(HoldOut is null or (> 0 and < 1), FormattableString.Invariant($"--holdout: got {HoldOut}; wanted a share between 0 and 1."));
        Want(!(Resume && Measures), "--resume goes on with a model; --folds and --repeat write none.");
        Want(!(Measures && Output is not null), "--out keeps a model; --folds and --repeat only measure. Leave one out.");
    }

    private static void Want(bool ok, string message)
    {
        if (!ok)
        {
            throw new UsageException(message);
        }
    }

    private static string Stem(string file)
    {
        var name = Path.GetFileName(file);
        foreach (var ending in new[] { ".gz", ".csv", ".tsv", ".txt", ".dat", ".data", ".mtx", ".npy", ".pgm", ".png" })
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                name = name[..^ending.Length];
            }
        }

        return name.Length == 0 ? "lowrank" : name;
    }
}
