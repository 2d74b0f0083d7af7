using LowRank.Adapters;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>A method of the paper's language figures.</summary>
/// <param name="Name">Its name in files.</param>
/// <param name="Label">Its name in tables and legends.</param>
/// <param name="Style">Its look in all figures.</param>
/// <param name="PaperRate">The learning rate of the paper's runs.</param>
/// <param name="Create">Its adapter at a rank, as PEFT or this library starts it.</param>
internal sealed record LanguageMethod(string Name, string Label, int Style, double PaperRate, Func<int, AdapterOptions> Create)
{
    private const double Rate = 1e-4;
    private const double CompressedRate = 1e-2;

    public static LanguageMethod Lora { get; } = new("lora", "LoRA", 1, Rate, rank => new LoraOptions { Rank = rank });

    public static LanguageMethod Wide { get; } = new(
        "deep-lora-wide", "Deep LoRA, full width", 3, Rate, _ => new DeepLoraOptions { Form = DeepLoraForm.Wide })
    { HasRank = false };

    public static LanguageMethod Narrow { get; } = new(
        "deep-lora-narrow", "Deep LoRA, narrow", 5, Rate, rank => new DeepLoraOptions { Rank = rank, Form = DeepLoraForm.Narrow });

    public static LanguageMethod Compressed { get; } = new(
        "deep-lora", "Deep LoRA, compressed", 2, CompressedRate, rank => new DeepLoraOptions { Rank = rank })
    { NeedsEvenRank = true };

    /// <summary>All of them, the baseline first.</summary>
    public static IReadOnlyList<LanguageMethod> All { get; } = [Lora, Wide, Narrow, Compressed];

    /// <summary>What sets it apart from the other forms, for short titles.</summary>
    public string Form => Label.Split(", ")[^1];

    /// <summary>Whether the rank means anything to it.</summary>
    public bool HasRank { get; private init; } = true;

    /// <summary>Whether it has no form of an odd rank.</summary>
    public bool NeedsEvenRank { get; private init; }

    /// <summary>The rank in its files: 0 where it has none.</summary>
    public int RankOf(int rank) => HasRank ? rank : 0;

    /// <summary>Its adapter under a protocol.</summary>
    public AdapterOptions AdapterFor(Protocol protocol, int rank) => Create(rank) switch
    {
        LoraOptions lora when protocol == Protocol.Paper => lora with { Start = LoraStart.Mirrored },
        var options => options,
    };
}
