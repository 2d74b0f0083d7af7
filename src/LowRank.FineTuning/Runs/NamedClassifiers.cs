using LowRank.Adapters;
using LowRank.FineTuning.Data;
using LowRank.FineTuning.Metrics;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.FineTuning.Runs;

/// <summary>Several fine-tuning runs on one base model, which is in memory once.</summary>
/// <remarks>
/// A run costs its adapter and head only. Thread-safe, but which run is active is a state of the one model, so
/// predictions wait for each other: where requests must run side by side, load a <see cref="TextClassifier"/> each.
/// </remarks>
public sealed class NamedClassifiers : IDisposable
{
    private readonly Lock _gate = new();
    private readonly BaseClassifier _model;
    private readonly NamedAdapters _adapters;
    private readonly Dictionary<string, TextClassifier> _runs;

    private NamedClassifiers(BaseClassifier model, NamedAdapters adapters, Dictionary<string, TextClassifier> runs)
    {
        _model = model;
        _adapters = adapters;
        _runs = runs;
    }

    /// <summary>The runs' names, in the order of loading.</summary>
    public IReadOnlyList<string> Names => _adapters.Names;

    /// <summary>Loads what runs have learned, and their base model once.</summary>
    /// <param name="runs">The run folders by the names under which they will be asked.</param>
    /// <param name="modelFolder">The base model's folder, when it is not where the runs found it.</param>
    /// <param name="device">Where the model computes; the CPU when null.</param>
    /// <returns>The classifiers; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// No run was given, or they have different base models or different numbers of labels.
    /// </exception>
    /// <exception cref="FileNotFoundException">A run or the base model lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or a run and the model do not fit.</exception>
    public static NamedClassifiers Load(
        IReadOnlyDictionary<string, string> runs, string? modelFolder = null, torch.Device? device = null)
    {
        var read = Check.NotNull(runs).Select(entry => Run.Read(entry.Key, entry.Value)).ToList();
        Check.That(read.Count > 0, nameof(runs), "runs: got none; wanted the folder of at least one run.");
        RequireAlike(read, run => run.Options.ModelFolder, modelFolder is null, "the model of", "one base model");
        RequireAlike(read, run => $"{run.Labels.Count}", true, "labels:", "equally many, which is the head's shape");
        var source = modelFolder ?? read[0].Options.ModelFolder;
        if (!Directory.Exists(source))
        {
            throw new DirectoryNotFoundException(
                $"{source}: no such folder; the runs were trained on the model in it. Give the model's folder of today.");
        }

        var model = BaseClassifier.Load(source, ModelParts.Names(read[0].Labels), device);
        var adapters = new NamedAdapters(model.Model);
        try
        {
            var classifiers = read.ToDictionary(run => run.Name, run => new TextClassifier(new ModelParts
            {
                Base = model,
                Labels = run.Labels,
                Adapters = adapters.Read(run.Name, run.Folder.AdapterFolder),
                Run = run.Options,
                MaxLength = run.Options.MaxLength,
            }));
            return new NamedClassifiers(model, adapters, classifiers);
        }
        catch
        {
            adapters.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <summary>The label names of a run by their number; empty for a run on numbers.</summary>
    /// <param name="name">The run's name.</param>
    /// <returns>The names.</returns>
    /// <exception cref="ArgumentException">There is no run of this name.</exception>
    public IReadOnlyList<string> Labels(string name) => Ask(name, run => run.Labels);

    /// <summary>Lets a run predict for one text, or a pair.</summary>
    /// <param name="name">The run's name.</param>
    /// <param name="text">The text.</param>
    /// <param name="pair">The second text; null when there is none.</param>
    /// <returns>The prediction, equal to that of the run's own <see cref="TextClassifier"/>.</returns>
    /// <exception cref="ArgumentException">There is no run of this name.</exception>
    public TextPrediction Predict(string name, string text, string? pair = null) =>
        Ask(name, run => run.Predict(text, pair));

    /// <summary>Lets a run predict for many texts, in batches.</summary>
    /// <param name="name">The run's name.</param>
    /// <param name="examples">The texts; their targets are not looked at.</param>
    /// <returns>The predictions, in the same order.</returns>
    /// <exception cref="ArgumentException">There is no run of this name.</exception>
    public IReadOnlyList<TextPrediction> Predict(string name, IReadOnlyList<Example> examples) =>
        Ask(name, run => run.Predict(examples));

    /// <summary>Scores a run on labelled rows.</summary>
    /// <param name="name">The run's name.</param>
    /// <param name="examples">Rows with the run's labels, or with numbers.</param>
    /// <returns>The scores.</returns>
    /// <exception cref="ArgumentException">
    /// There is no run of this name, or the rows' labels are of another kind or other names.
    /// </exception>
    public EvaluationScores Evaluate(string name, ExampleSet examples) => Ask(name, run => run.Evaluate(examples));

    /// <summary>Frees the model and all adapters; no prediction may be under way.</summary>
    public void Dispose()
    {
        _adapters.Dispose();
        _model.Dispose();
    }

    private T Ask<T>(string name, Func<TextClassifier, T> question)
    {
        lock (_gate)
        {
            _adapters.Active = Check.NotNull(name);
            return question(_runs[name]);
        }
    }

    private static void RequireAlike(
        List<Run> runs, Func<Run, string> property, bool wanted, string what, string alike)
    {
        var (first, other) = (runs[0], runs.FirstOrDefault(run => property(run) != property(runs[0])));
        Check.That(
            !wanted || other is null,
            nameof(runs),
            $"runs: got {what} {property(first)} for {first.Name} and {property(other ?? first)} for {other?.Name}; wanted "
                + $"{alike}. Load them apart.");
    }

    private sealed record Run(string Name, RunFolder Folder, FineTuneOptions Options, IReadOnlyList<string> Labels)
    {
        public static Run Read(string name, string path)
        {
            var folder = RunFolder.Open(path);
            return new Run(name, folder, folder.ReadOptions(), folder.ReadLabels());
        }
    }
}
