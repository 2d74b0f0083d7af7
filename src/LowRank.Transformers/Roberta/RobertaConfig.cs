using LowRank.Transformers.Encoders;

namespace LowRank.Transformers.Roberta;

/// <summary>RoBERTa's <c>config.json</c>: BERT's keys, with positions that begin after the padding id.</summary>
public sealed record RobertaConfig : EncoderConfig
{
    /// <summary>Makes a configuration of RoBERTa base's shape.</summary>
    public RobertaConfig()
    {
        VocabularySize = 50265;
        PositionCount = 514;
        TypeCount = 1;
        LayerNormEpsilon = 1e-5;
        PadTokenId = 1;
    }

    /// <inheritdoc/>
    public override string ModelType => "roberta";

    /// <summary>Gets the row of the position table that a text's first token uses: one after the padding id.</summary>
    public override int FirstPosition => PadTokenId + 1;

    /// <inheritdoc/>
    internal override EncoderNames Names => EncoderNames.Bert("roberta");

    /// <summary>Reads a configuration file.</summary>
    /// <param name="path">The <c>config.json</c>, or the folder that holds it.</param>
    /// <returns>The configuration. Rates and the epsilon fall back on RoBERTa's own where the file has none.</returns>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">Not RoBERTa's, or a value is missing or cannot be used.</exception>
    public static RobertaConfig Read(string path) => Read(ConfigFile.Read(path));

    internal static RobertaConfig Read(ConfigFile file) => EncoderConfigReader.Bert(file, new RobertaConfig());
}
