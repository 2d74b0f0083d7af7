namespace LowRank.Transformers.Encoders;

/// <summary>Where an encoder's parts are found in a family's checkpoints: all that differs inside.</summary>
/// <param name="Base">The encoder itself, such as <c>bert</c>; everything below lies under it.</param>
/// <param name="Layers">The list of layers; the parts below lie under <c>Layers.N</c>.</param>
internal sealed record EncoderNames(string Base, string Layers)
{
    public required string Query { get; init; }

    public required string Key { get; init; }

    public required string Value { get; init; }

    public required string AttentionOutput { get; init; }

    public required string AttentionNorm { get; init; }

    public required string Up { get; init; }

    public required string Down { get; init; }

    public required string OutputNorm { get; init; }

    /// <summary>BERT's names, which RoBERTa took over.</summary>
    public static EncoderNames Bert(string baseName) => new(baseName, "encoder.layer")
    {
        Query = "attention.self.query",
        Key = "attention.self.key",
        Value = "attention.self.value",
        AttentionOutput = "attention.output.dense",
        AttentionNorm = "attention.output.LayerNorm",
        Up = "intermediate.dense",
        Down = "output.dense",
        OutputNorm = "output.LayerNorm",
    };

    public static EncoderNames DistilBert() => new("distilbert", "transformer.layer")
    {
        Query = "attention.q_lin",
        Key = "attention.k_lin",
        Value = "attention.v_lin",
        AttentionOutput = "attention.out_lin",
        AttentionNorm = "sa_layer_norm",
        Up = "ffn.lin1",
        Down = "ffn.lin2",
        OutputNorm = "output_layer_norm",
    };
}
