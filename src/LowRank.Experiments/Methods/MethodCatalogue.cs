using LowRank.Adapters;
using LowRank.Tensors;

namespace LowRank.Experiments.Methods;

/// <summary>All methods that can be compared; a new one is one line here.</summary>
public static class MethodCatalogue
{
    /// <summary>The method that others are measured against.</summary>
    public const string Baseline = "lora";

    /// <summary>The methods, in the order of tables and plots.</summary>
    public static IReadOnlyList<AdapterMethod> All { get; } =
    [
        new(Baseline, "LoRA as PEFT has it", rank => new LoraOptions { Rank = rank }),
        new("rslora", "LoRA scaled by 8/sqrt(rank)", rank => new LoraOptions { Rank = rank, Alpha = 8, UseRsLora = true }),
        new("loraplus", "LoRA+, B at 16 times A's rate", rank => new LoraOptions { Rank = rank, RateRatioB = 16 }),
        new("lora-mirrored", "LoRA as the Deep LoRA paper's baseline", rank => new LoraOptions { Rank = rank, Start = LoraStart.Mirrored }),
        new("lora-orthogonal", "LoRA from orthogonal halves", rank => new LoraOptions { Rank = rank, Start = LoraStart.Orthogonal }),
        new("pissa", "LoRA from the weight's singular directions", rank => new LoraOptions { Rank = rank, Start = LoraStart.Pissa }),
        new("olora", "LoRA from the weight's QR decomposition", rank => new LoraOptions { Rank = rank, Start = LoraStart.Olora }),
        new("dora", "LoRA with trained row lengths", rank => new LoraOptions { Rank = rank, UseDora = true }),
        new("lora-xs", "a core between the weight's singular directions", rank => new LoraXsOptions { Rank = rank }),
        new("deep-lora", "Deep LoRA, compressed form", rank => new DeepLoraOptions { Rank = rank }),
        new("deep-lora-narrow", "Deep LoRA, narrow form", rank => new DeepLoraOptions { Rank = rank, Form = DeepLoraForm.Narrow }),
        new("deep-lora-wide", "Deep LoRA, full width", _ => new DeepLoraOptions { Form = DeepLoraForm.Wide }, HasRank: false),
        new("head-only", "the head alone", _ => new HeadOnlyOptions(), HasRank: false),
        new("full", "every weight", _ => new FullOptions(), HasRank: false),
    ];

    /// <summary>The method of a name.</summary>
    /// <param name="name">
    /// The name, in any case; <c>deep-lora:narrow</c> is the same as <c>deep-lora-narrow</c>. Options may follow, as in
    /// <c>deep-lora+gamma=0.1+depth=2</c>.
    /// </param>
    /// <returns>The method.</returns>
    /// <exception cref="ArgumentException">
    /// There is no such method, or it has no such option; the text lists those there are.
    /// </exception>
    public static AdapterMethod Find(string name)
    {
        var parts = Check.NotBlank(name).Trim().Split('+');
        var wanted = parts[0].Replace(':', '-');
        var method = All.FirstOrDefault(method => method.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"methods: got '{name}'; wanted any of {string.Join(", ", All.Select(method => method.Name))}.", nameof(name));
        return parts.Length > 1 ? MethodVariant.Of(method, parts[1..]) : method;
    }

    /// <summary>A method's place in tables and plots; variants stand with their method.</summary>
    internal static int PlaceOf(string name)
    {
        var method = name.Split('+')[0];
        return All.TakeWhile(one => one.Name != method).Count();
    }
}
