using System.Globalization;
using LowRank.FineTuning.Training;
using LowRank.Transformers.Bert;

namespace LowRank.FineTuning.Pretraining;

/// <summary>The card of a model that was trained on plain text.</summary>
internal static class PretrainReadme
{
    private const string Pairs = "\nand to tell whether two lines belong together";

    public static string Of(PretrainOptions options, BertConfig config, MaskedLanguageTask task, TrainingResult result)
    {
        var scores = result.BestScores.Select(score => string.Create(
            CultureInfo.InvariantCulture, $"| {score.Key} | {score.Value:F4} | {Baseline(task.Baseline, score.Key):F4} |"));
        var from = options.ModelFolder is null ? "from random weights" : $"from {options.ModelFolder}";
        var files = string.Join(", ", options.TextFiles.Select(Path.GetFileName));
        return string.Create(CultureInfo.InvariantCulture, $"""
            # A BERT trained on {files}

            {config.LayerCount} layers of width {config.HiddenSize}, {config.HeadCount} heads, {config.VocabularySize}
            pieces, texts of at most {config.PositionCount} tokens. Trained {from} to guess hidden words (masked language
            modelling, whole words, a share of {options.Masking.MaskShare}){(options.Masking.Pairs ? Pairs : "")}
            for {result.Steps} steps of {options.Training.RowsPerStep} {(options.Masking.Pairs ? "pairs" : "windows")} of
            {(options.Masking.Pairs ? "at most " : "")}{options.Masking.WindowLength} tokens, out of
            {task.TrainingTokens:N0} tokens; seed {options.Training.Seed}.

            On {task.ValidationTokens:N0} tokens of text that it was not trained on, at hidden places:

            | score | model | guessing by frequency |
            | --- | --- | --- |
            {string.Join('\n', scores)}

            `lowrank finetune FILE --model THIS_FOLDER` begins from it.

            | file | what |
            | --- | --- |
            | config.json, model.safetensors | the model in Hugging Face's layout |
            | vocab.txt, tokenizer_config.json | its tokenizer (`BertTokenizer`) |
            | pretraining/ | options, metrics and checkpoint of the training; not needed to use the model |

            """);
    }

    private static double Baseline(UnigramBaseline baseline, string score) =>
        score == "loss" ? baseline.Loss : score == "accuracy" ? baseline.Accuracy : 0.5;
}
