using System.Globalization;
using LowRank.Adapters;

namespace LowRank.Experiments.Methods;

/// <summary>A method of the catalogue with options of its own, such as <c>deep-lora+gamma=0.1+depth=2</c>.</summary>
internal static class MethodVariant
{
    private static readonly IReadOnlyList<Setting> Settings =
    [
        new("gamma", (options, value) => options is DeepLoraOptions { Form: DeepLoraForm.Compressed } deep ? deep with { OuterRateRatio = value } : null),
        new("depth", (options, value) => options is DeepLoraOptions deep ? deep with { Depth = Whole(value) } : null),
        new("compression-batches", (options, value) =>
            options is DeepLoraOptions { Form: DeepLoraForm.Compressed } deep ? deep with { CompressionBatches = Whole(value) } : null),
        new("initial-scale", (options, value) => options switch
        {
            DeepLoraOptions deep => deep with { InitialScale = value },
            LoraXsOptions xs => xs with { InitialScale = value },
            _ => null,
        }),
        new("alpha", (options, value) => options switch
        {
            LoraOptions lora => lora with { Alpha = value },
            LoraXsOptions xs => xs with { Alpha = value },
            _ => null,
        }),
        new("loraplus-ratio", (options, value) => options is LoraOptions lora ? lora with { RateRatioB = value } : null),
    ];

    /// <summary>A method with settings.</summary>
    /// <param name="method">The method.</param>
    /// <param name="settings"><c>gamma=0.1</c> and the like.</param>
    /// <exception cref="ArgumentException">A setting is malformed, or is none of the method's.</exception>
    public static AdapterMethod Of(AdapterMethod method, IReadOnlyList<string> settings)
    {
        var chosen = settings.Select(text => Parse(method, text)).ToList();
        return method with
        {
            Name = string.Join('+', [method.Name, .. chosen.Select(one => one.Setting.Text(one.Value))]),
            Description = $"{method.Description}, {string.Join(", ", chosen.Select(one => one.Setting.Text(one.Value)))}",
            Create = rank => chosen.Aggregate(method.Create(rank), (options, one) => one.Setting.Apply(options, one.Value)!),
        };
    }

    private static (Setting Setting, double Value) Parse(AdapterMethod method, string text)
    {
        var parts = text.Split('=');
        var theirs = Settings.Where(setting => setting.Apply(method.Create(2), 2) is not null).ToList();
        return parts.Length == 2
            && theirs.FirstOrDefault(setting => setting.Name.Equals(parts[0].Trim(), StringComparison.OrdinalIgnoreCase)) is { } found
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var value)
            ? (found, value)
            : throw new ArgumentException(
                $"methods: got '{method.Name}+{text}'; wanted "
                    + (theirs.Count > 0
                        ? $"a number for any of {string.Join(", ", theirs.Select(setting => setting.Name))}, such as {method.Name}+{theirs[0].Name}=0.1."
                        : $"'{method.Name}' alone, which has no options."),
                nameof(text));
    }

    private static int Whole(double value) => value == Math.Floor(value) && value < int.MaxValue
        ? (int)value
        : throw new ArgumentException($"methods: got {value.ToString(CultureInfo.InvariantCulture)}; wanted a whole number.", nameof(value));

    // Null where a kind of adapter has no such option.
    private sealed record Setting(string Name, Func<AdapterOptions, double, AdapterOptions?> Apply)
    {
        public string Text(double value) => string.Create(CultureInfo.InvariantCulture, $"{Name}={value:0.###############}");
    }
}
