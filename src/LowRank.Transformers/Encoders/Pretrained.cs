using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.DistilBert;
using LowRank.Transformers.Roberta;
using LowRank.Transformers.T5;
using LowRank.Transformers.Weights;
using TorchSharp;

namespace LowRank.Transformers.Encoders;

/// <summary>From a model folder in the Hugging Face layout to a model with its weights.</summary>
public static class Pretrained
{
    private static readonly string[] Families = ["bert", "roberta", "distilbert"];

    /// <summary>Builds the classifier that a folder describes and fills it.</summary>
    /// <remarks>
    /// A head that the checkpoint does not have is drawn from the seed. Labels other than the checkpoint's own give a
    /// new head too: an old head's rows mean other labels.
    /// </remarks>
    /// <param name="folder">A folder with <c>config.json</c> and weights.</param>
    /// <param name="seed">The start of whatever the checkpoint does not hold.</param>
    /// <param name="labels">The label names; one means regression. The checkpoint's own when null.</param>
    /// <param name="device">Where the model is put once it is whole; the CPU when null.</param>
    /// <returns>The model, in evaluation mode, and what was done; the caller disposes the model.</returns>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of another model, or they do not fit.</exception>
    public static (SequenceClassifier Model, LoadReport Report) SequenceClassifier(
        string folder, Seed seed, IReadOnlyList<string>? labels = null, torch.Device? device = null)
    {
        Check.NotBlank(folder);
        var file = ConfigFile.Read(folder);
        var own = Config(file);
        var config = labels is null ? own : own with { Labels = labels };
        var (model, rules) = Build(config);
        try
        {
            using var source = CheckpointFolder.Open(folder);
            var newHead = labels is not null && !labels.SequenceEqual(own.Labels);
            var report = WeightLoader.Load(model, source, newHead ? HeadOnly(rules, source) : rules, newHead);
            model.Initialize(seed, report.NewlyInitialised);
            model.PutOn(device);
            model.eval();
            return (model, report);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The label names that a model's folder gives, or Hugging Face's two where it gives none.</summary>
    /// <param name="folder">A folder with <c>config.json</c>.</param>
    /// <returns>The names by their number.</returns>
    /// <exception cref="FileNotFoundException">The folder has no configuration.</exception>
    /// <exception cref="InvalidDataException">The configuration is malformed.</exception>
    public static IReadOnlyList<string> Labels(string folder) => Config(ConfigFile.Read(folder)).Labels;

    /// <summary>Whether a folder's model writes texts, as T5 and mT5 do, instead of labelling them.</summary>
    /// <param name="folder">A folder with <c>config.json</c>.</param>
    /// <returns>True for an encoder-decoder.</returns>
    /// <exception cref="FileNotFoundException">The folder has no configuration.</exception>
    /// <exception cref="InvalidDataException">The configuration is malformed.</exception>
    public static bool IsSequenceToSequence(string folder) => T5Config.Describes(folder);

    /// <summary>Builds the encoder-decoder that a folder describes and fills it.</summary>
    /// <param name="folder">A folder with <c>config.json</c> and weights, T5's or mT5's.</param>
    /// <param name="device">Where the model is put once it is whole; the CPU when null.</param>
    /// <returns>The model, in evaluation mode, and what was done; the caller disposes the model.</returns>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of another model, or they do not fit.</exception>
    public static (T5ForConditionalGeneration Model, LoadReport Report) SequenceToSequence(
        string folder, torch.Device? device = null)
    {
        Check.NotBlank(folder);
        var model = new T5ForConditionalGeneration(T5Config.Read(folder));
        try
        {
            using var source = CheckpointFolder.Open(folder);
            var report = WeightLoader.Load(model, source, CheckpointRules.T5);
            model.PutOn(device);
            model.eval();
            return (model, report);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Builds the BERT that a folder describes, with the head that guesses words, and fills it.</summary>
    /// <param name="folder">A folder with <c>config.json</c> and weights.</param>
    /// <param name="seed">The start of a head that the checkpoint does not hold.</param>
    /// <param name="pairs">Whether it has the head that tells whether two texts belong together, too.</param>
    /// <param name="device">Where the model is put once it is whole; the CPU when null.</param>
    /// <returns>The model, in evaluation mode, and what was done; the caller disposes the model.</returns>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, of another model, or they do not fit.</exception>
    public static (BertForMaskedLM Model, LoadReport Report) MaskedLM(
        string folder, Seed seed, bool pairs = false, torch.Device? device = null)
    {
        var model = new BertForMaskedLM(BertConfig.Read(Check.NotBlank(folder)), pairs);
        try
        {
            using var source = CheckpointFolder.Open(folder);
            var report = WeightLoader.Load(model, source, CheckpointRules.BertMaskedLM);
            model.Initialize(seed, report.NewlyInitialised);
            model.PutOn(device);
            model.eval();
            return (model, report);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static EncoderConfig Config(ConfigFile file) => file.Text("model_type", "bert") switch
    {
        "bert" => BertConfig.Read(file),
        "roberta" => RobertaConfig.Read(file),
        "distilbert" => DistilBertConfig.Read(file),
        _ => throw file.Wrong("model_type", string.Join(", ", Families)),
    };

    private static (SequenceClassifier Model, CheckpointRules Rules) Build(EncoderConfig config) => config switch
    {
        BertConfig bert => (new BertForSequenceClassification(bert), CheckpointRules.Bert),
        RobertaConfig roberta => (new RobertaForSequenceClassification(roberta), CheckpointRules.Roberta),
        DistilBertConfig distil => (new DistilBertForSequenceClassification(distil), CheckpointRules.DistilBert),
        _ => throw new ArgumentException($"config: got {config.ModelType}; wanted {string.Join(", ", Families)}."),
    };

    // For new labels only the classifier starts anew: a pooler that the checkpoint has keeps its training.
    private static CheckpointRules HeadOnly(CheckpointRules rules, TensorSource source) =>
        source.Entries.Any(entry => entry.Name.Contains("pooler.", StringComparison.Ordinal))
            ? rules with
            {
                NewParts = [.. rules.NewParts.Where(part => !part.Contains("pooler", StringComparison.Ordinal))],
            }
            : rules;
}
