using System.Text.Json;
using System.Text.Json.Nodes;
using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>Writes <c>metrics.jsonl</c>: one JSON object per step and per evaluation.</summary>
/// <remarks>
/// It holds what is learned, never how long it took, so two runs with one seed write the same bytes. A resumed run
/// first drops the lines after its checkpoint and so ends with the same file as one that was never stopped. NaN and
/// infinite numbers are written as null.
/// </remarks>
/// <param name="path">The file.</param>
public sealed class MetricsFile(string path) : TrainingObserver
{
    /// <summary>The usual name of the file in a run folder.</summary>
    public const string FileName = "metrics.jsonl";

    private readonly string _path = Check.NotBlank(path);

    /// <inheritdoc/>
    public override void Observe(TrainingEvent happened)
    {
        switch (happened)
        {
            case TrainingEvent.Started started:
                Begin(started.Step);
                break;
            case TrainingEvent.Stepped step:
                Append(new JsonObject
                {
                    ["step"] = step.Step,
                    ["epoch"] = step.Epoch,
                    ["loss"] = Number(step.Loss),
                    ["learning_rate"] = step.LearningRate,
                    ["gradient_norm"] = Number(step.GradientNorm),
                    ["rows"] = step.Rows,
                    ["tokens"] = step.Tokens,
                });
                break;
            case TrainingEvent.Evaluated evaluated:
                Append(new JsonObject
                {
                    ["step"] = evaluated.Step,
                    ["epoch"] = evaluated.Epoch,
                    ["evaluation"] = new JsonObject(evaluated.Scores
                        .Select(score => new KeyValuePair<string, JsonNode?>(score.Key, Number(score.Value)))),
                    ["best"] = evaluated.IsBest,
                });
                break;
        }
    }

    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private void Begin(int step)
    {
        var kept = step > 0 && File.Exists(_path) ? File.ReadLines(_path).Where(line => StepOf(line) <= step) : [];
        AtomicFile.WriteText(_path, string.Concat(kept.ToList().Select(line => line + "\n")));
    }

    // A line cut short by a kill has no step and lies after every checkpoint.
    private static int StepOf(string line)
    {
        try
        {
            return JsonNode.Parse(line)?["step"]?.GetValue<int>() ?? int.MaxValue;
        }
        catch (JsonException)
        {
            return int.MaxValue;
        }
    }

    private void Append(JsonObject line) => File.AppendAllText(_path, line.ToJsonString() + "\n");
}
