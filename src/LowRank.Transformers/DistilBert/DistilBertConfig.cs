using LowRank.Transformers.Encoders;

namespace LowRank.Transformers.DistilBert;

/// <summary>DistilBERT's <c>config.json</c>: its own keys, no token types.</summary>
public sealed record DistilBertConfig : EncoderConfig
{
    /// <summary>Makes a configuration of DistilBERT base's shape.</summary>
    public DistilBertConfig()
    {
        LayerCount = 6;
        TypeCount = 0;
        HeadDropout = 0.2;
    }

    /// <inheritdoc/>
    public override string ModelType => "distilbert";

    /// <inheritdoc/>
    public override int FirstPosition => 0;

    /// <inheritdoc/>
    internal override EncoderNames Names => EncoderNames.DistilBert();

    /// <summary>Reads a configuration file.</summary>
    /// <param name="path">The <c>config.json</c>, or the folder that holds it.</param>
    /// <returns>The configuration. Rates fall back on DistilBERT's own where the file has none.</returns>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="InvalidDataException">Not DistilBERT's, or a value is missing or cannot be used.</exception>
    public static DistilBertConfig Read(string path) => Read(ConfigFile.Read(path));

    internal static DistilBertConfig Read(ConfigFile file) => EncoderConfigReader.DistilBert(file);
}
