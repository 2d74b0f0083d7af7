using System.Globalization;
using LowRank.Adapters;
using LowRank.FineTuning.Training;

namespace LowRank.FineTuning.Pretraining;

/// <summary>The card of a model that was trained on plain text.</summary>
internal static class PretrainReadme
{
    public static string Of(PretrainOptions options, LanguageModel model, TrainingResult result)
    {
        var (card, task) = (model.Card, model.Task);
        var scores = result.BestScores.Select(score => string.Create(
            CultureInfo.InvariantCulture, $"| {score.Key} | {score.Value:F4} | {Baseline(task.Baseline, score.Key):F4} |"));
        var from = options.ModelFolder is null ? "from random weights" : $"from {options.ModelFolder}";
        from += options.Adapter is FactorOptions factors ? $" through an adapter ({factors.Method}, rank {factors.Rank})" : "";
        var files = string.Join(", ", options.TextFiles.Select(Path.GetFileName));
        return string.Create(CultureInfo.InvariantCulture, $"""
            # A {card.Family} trained on {files}

            {card.Shape} Trained {from} {card.Lesson}
            for {result.Steps} steps of {options.Training.RowsPerStep} {card.Rows}, out of
            {task.TrainingTokens:N0} tokens; seed {options.Training.Seed}.

            On {task.ValidationTokens:N0} tokens of text that it was not trained on, {card.Places}:

            | score | model | guessing by frequency |
            | --- | --- | --- |
            {string.Join('\n', scores)}

            `lowrank finetune FILE --model THIS_FOLDER` begins from it.

            | file | what |
            | --- | --- |
            | config.json, model.safetensors | the model in Hugging Face's layout |
            | {card.Tokenizer} |
            | pretraining/ | options, metrics and checkpoint of the training; not needed to use the model |

            """);
    }

    private static double Baseline(UnigramBaseline baseline, string score) =>
        score == "loss" ? baseline.Loss : score == "accuracy" ? baseline.Accuracy : 0.5;
}
