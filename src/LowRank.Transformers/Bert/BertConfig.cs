using LowRank.Transformers.Encoders;

namespace LowRank.Transformers.Bert;

/// <summary>BERT's <c>config.json</c>.</summary>
public sealed record BertConfig : EncoderConfig
{
    /// <inheritdoc/>
    public override string ModelType => "bert";

    /// <inheritdoc/>
    public override int FirstPosition => 0;

    /// <inheritdoc/>
    internal override EncoderNames Names => EncoderNames.Bert("bert");

    /// <summary>Reads a configuration file.</summary>
    /// <param name="path">The <c>config.json</c>, or the folder that holds it.</param>
    /// <returns>The configuration. Rates and the epsilon fall back on BERT's own where the file has none.</returns>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">Not BERT's, or a value is missing or cannot be used.</exception>
    public static BertConfig Read(string path) => Read(ConfigFile.Read(path));

    internal static BertConfig Read(ConfigFile file) => EncoderConfigReader.Bert(file, new BertConfig());
}
