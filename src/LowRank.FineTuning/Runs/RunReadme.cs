using System.Globalization;
using LowRank.Adapters;
using LowRank.FineTuning.Training;

namespace LowRank.FineTuning.Runs;

/// <summary>The README of a run folder.</summary>
internal static class RunReadme
{
    private const string AdapterRow =
        "| adapter/ | the adapter and the head in Hugging Face PEFT's format, with Deep LoRA's own factors beside |";

    private const string ModelRow = "| model/ | the whole model in the Hugging Face layout: every weight was trained |";
    private const string CurveRow = "\n| curve.png, curve.svg | loss and scores against steps |";
    private const string StartRow = "\n| start.safetensors | the adapters before the first step, for `lowrank inspect` |";
    private const string SpectrumRow = "\n| spectrum.png, spectrum.svg | the singular values of every layer's update |";

    public static string Of(
        RunFolder folder,
        FineTuneOptions options,
        IReadOnlyList<string> labels,
        ParameterCount count,
        TrainingResult result)
    {
        var model = options.ModelName ?? options.ModelFolder;
        var scores = result.BestScores.Select(score =>
            string.Create(CultureInfo.InvariantCulture, $"| {score.Key} | {score.Value:F4} |"));
        var writes = options.Generator is not null;
        var purpose = writes ? "Writes a text for a text."
            : labels.Count == 0 ? "Predicts a number for a text."
            : $"Tells {labels.Count} labels apart: {string.Join(", ", labels)}.";
        var revision = options.Revision is null ? "" : $", revision {options.Revision}";
        return $"""
            # {options.Adapter.Method} on {model}

            {purpose}
            Ended after step {result.Steps} ({result.Reason}); the weights are those of step {result.KeptStep}.

            | score on the validation rows | best |
            | --- | --- |
            {string.Join('\n', scores)}

            | file | what |
            | --- | --- |
            {(folder.HasModel ? ModelRow : AdapterRow)}
            | labels.json | the label names by their number; none for numbers and texts |
            | config.json | every option of the run; the same file can be given to a new run |
            | metrics.jsonl | loss, rate and gradient of every step, scores of every evaluation |
            | result.json | how it ended, the best scores, speed and memory |
            | data.json | which rows were read, kept and dropped, their columns, labels and lengths |
            | events/ | the same as metrics.jsonl for TensorBoard |{Row(folder.CurveFile, CurveRow)}{Row(folder.SpectrumFile, SpectrumRow)}{Row(folder.StartFile, StartRow)}
            | checkpoint/ | from which the run can be resumed; may be deleted when the run is done |

            {count}
            {result.Throughput}

            ## Use it

            On the command line: `lowrank {(writes ? "generate" : "predict")} {folder.Path} --text "..."`, or `--input FILE`. In C#:

            ```csharp
            {(writes ? Generating(folder) : Classifying(folder, labels.Count == 0 ? "Score" : "Label"))}
            ```

            {(folder.HasModel
                ? $"It began as {model}{revision}, which is no longer needed."
                : $"The base model is not in this folder: it is {model}{revision}. "
                    + $"`lowrank merge {folder.Path} --out DIR` joins both.")}

            """;
    }

    private static string Classifying(RunFolder folder, string property) =>
        $"using var classifier = TextClassifier.Load(\"{folder.Path}\");\n"
        + $"Console.WriteLine(classifier.Predict(\"...\").{property});";

    private static string Generating(RunFolder folder) =>
        $"using var generator = TextGenerator.Load(\"{folder.Path}\");\n"
        + "Console.WriteLine(generator.Generate(\"...\"));";

    private static string Row(string file, string row) => File.Exists(file) ? row : "";
}
