using LowRank.FineTuning.Checkpoints;
using LowRank.FineTuning.Runs;
using LowRank.Tensors;

namespace LowRank.FineTuning.Pretraining;

/// <summary>Where the files of a pre-training run are: a model folder, with the run's own files within.</summary>
/// <param name="Path">The folder.</param>
public sealed record PretrainFolder(string Path)
{
    private static readonly string[] TokenizerFiles =
        ["vocab.txt", "spiece.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];

    /// <summary>The resolved options of the run.</summary>
    public string OptionsFile => In("options.json");

    /// <summary>What was learned, step by step.</summary>
    public string MetricsFile => In(Training.MetricsFile.FileName);

    /// <summary>How the run ended, its best scores, its speed.</summary>
    public string ResultFile => In("result.json");

    /// <summary>Where the run can be resumed from; may be deleted when it is done.</summary>
    public string CheckpointFolder => In("checkpoint");

    /// <summary>TensorBoard's event files.</summary>
    public string EventsFolder => In("events");

    /// <summary>The model card.</summary>
    public string ReadmeFile => System.IO.Path.Combine(Path, "README.md");

    /// <summary>Whether a pre-training run was begun in the folder.</summary>
    public bool IsRun => File.Exists(OptionsFile);

    /// <summary>Whether there is a checkpoint to resume from.</summary>
    public bool HasCheckpoint => File.Exists(System.IO.Path.Combine(CheckpointFolder, Checkpoint.FileName));

    /// <summary>Reads the run's options.</summary>
    /// <returns>The options.</returns>
    /// <exception cref="FileNotFoundException">No run was begun in the folder.</exception>
    /// <exception cref="InvalidDataException">The file is malformed or has options that do not exist.</exception>
    public PretrainOptions ReadOptions() => RunFolder.Read<PretrainOptions>(OptionsFile);

    /// <summary>Copies the tokenizer's files beside the model.</summary>
    internal void TakeTokenizer(string source)
    {
        foreach (var name in TokenizerFiles)
        {
            var file = System.IO.Path.Combine(source, name);
            if (File.Exists(file))
            {
                var bytes = File.ReadAllBytes(file);
                AtomicFile.Write(System.IO.Path.Combine(Path, name), copy => copy.Write(bytes));
            }
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, "pretraining", name);
}
