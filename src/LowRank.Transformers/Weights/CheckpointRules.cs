using System.IO.Enumeration;

namespace LowRank.Transformers.Weights;

/// <summary>How a family's checkpoints may differ from its modules; whatever is not written here is an error.</summary>
/// <remarks>Names are dotted paths; in patterns <c>*</c> stands for any letters, dots included.</remarks>
public sealed record CheckpointRules
{
    /// <summary>
    /// The name of the base model, such as <c>bert</c>: a tensor may carry it in front on one side and not on the
    /// other.
    /// </summary>
    public string Prefix { get; init; } = "";

    /// <summary>Endings of old checkpoints and what they are called today; the first that fits counts.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Endings { get; init; } = [];

    /// <summary>Patterns of checkpoint tensors that the module does without, such as pretraining heads.</summary>
    public IReadOnlyList<string> Ignorable { get; init; } = [];

    /// <summary>
    /// Checkpoint tensors that repeat another: name of the copy, name of the original. A copy that the module does not
    /// know must be equal to its original, and stands in for it where the checkpoint holds the copy alone.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Copies { get; init; } = [];

    /// <summary>
    /// Patterns of the module's own parts that a checkpoint may lack as a whole; they keep their initial values.
    /// </summary>
    public IReadOnlyList<string> NewParts { get; init; } = [];

    /// <summary>Same names on both sides, nothing missing, nothing else.</summary>
    public static CheckpointRules Strict { get; } = new();

    /// <summary>BERT: names of TensorFlow days, the heads of pretraining, a new classifier or pooler.</summary>
    public static CheckpointRules Bert { get; } = new()
    {
        Prefix = "bert",
        Endings = [new(".LayerNorm.gamma", ".LayerNorm.weight"), new(".LayerNorm.beta", ".LayerNorm.bias")],
        Ignorable = ["*embeddings.position_ids", "cls.*"],
        NewParts = ["classifier.*", "*pooler.*"],
    };

    /// <summary>BERT with the head that guesses masked words, whose output layer repeats the embedding.</summary>
    public static CheckpointRules BertMaskedLM { get; } = new()
    {
        Prefix = "bert",
        Endings = Bert.Endings,
        Ignorable = ["*embeddings.position_ids", "cls.seq_relationship.*", "*pooler.*", "classifier.*"],
        Copies =
        [
            new("cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"),
            new("cls.predictions.decoder.bias", "cls.predictions.bias"),
        ],
        NewParts = ["cls.predictions.*", "cls.seq_relationship.*", "*pooler.*"],
    };

    /// <summary>RoBERTa: a language model's head and an unused pooler may be there, the classifier be new.</summary>
    public static CheckpointRules Roberta { get; } = new()
    {
        Prefix = "roberta",
        Endings = Bert.Endings,
        Ignorable = ["*embeddings.position_ids", "lm_head.*", "*pooler.*"],
        NewParts = ["classifier.*"],
    };

    /// <summary>DistilBERT: the language model's head may be there, both layers of the classifier may be new.</summary>
    public static CheckpointRules DistilBert { get; } = new()
    {
        Prefix = "distilbert",
        Ignorable = ["*embeddings.position_ids", "vocab_transform.*", "vocab_layer_norm.*", "vocab_projector.*"],
        NewParts = ["pre_classifier.*", "classifier.*"],
    };

    /// <summary>T5: the embedding is written up to four times; one bias of the first releases was never used.</summary>
    public static CheckpointRules T5 { get; } = new()
    {
        Ignorable = ["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"],
        Copies =
        [
            new("encoder.embed_tokens.weight", "shared.weight"), new("decoder.embed_tokens.weight", "shared.weight"),
            new("lm_head.weight", "shared.weight"),
        ],
    };

    /// <summary>GPT-2: causal masks saved as weights, and the output layer as a copy of the embedding.</summary>
    public static CheckpointRules Gpt2 { get; } = new()
    {
        Prefix = "transformer",
        Ignorable = ["*h.*.attn.bias", "*h.*.attn.masked_bias"],
        Copies = [new("lm_head.weight", "transformer.wte.weight")],
        NewParts = ["score.*"],
    };

    /// <summary>Llama and its relatives: tables of rotary positions, and the output layer as a copy.</summary>
    public static CheckpointRules Llama { get; } = new()
    {
        Prefix = "model",
        Ignorable = ["*.rotary_emb.inv_freq"],
        Copies = [new("lm_head.weight", "model.embed_tokens.weight")],
        NewParts = ["score.*"],
    };

    /// <summary>Whether a name fits one of the patterns.</summary>
    /// <param name="patterns">Patterns with <c>*</c>.</param>
    /// <param name="name">A tensor's name.</param>
    /// <returns>The first pattern that fits, or null.</returns>
    internal static string? Fitting(IEnumerable<string> patterns, string name) =>
        patterns.FirstOrDefault(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
}
