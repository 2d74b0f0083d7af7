using LowRank.Transformers.Weights;

namespace LowRank.Transformers.Hub;

/// <summary>Which files of a repository make up a model.</summary>
internal static class HubFiles
{
    private static readonly string[] Adapter = ["adapter_config.json", "adapter_model.safetensors"];
    private static readonly string[] AdapterSides =
        ["deep_lora.json", "deep_lora.safetensors", "lora.json", "lora.safetensors"];
    private static readonly string[] Tokenizers =
        ["tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model"];

    private static readonly string[] Sides =
    [
        "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt", "generation_config.json",
    ];

    /// <summary>The files that a tokenizer may be made of.</summary>
    public static IReadOnlyList<string> OfTokenizers { get; } =
        [.. Tokenizers, .. Sides.Where(name => name != "generation_config.json")];

    /// <summary>The files to fetch, without the shards that an index names; weights in the best form only.</summary>
    /// <param name="names">All files of the repository.</param>
    /// <param name="model">The model, for the message.</param>
    /// <exception cref="FileNotFoundException">The repository holds no model that can be read.</exception>
    public static IReadOnlyList<string> Select(IReadOnlySet<string> names, string model)
    {
        if (CheckpointFolder.FileNames.FirstOrDefault(names.Contains) is { } weights && names.Contains("config.json"))
        {
            return ["config.json", .. Tokenizers.Concat(Sides).Where(names.Contains), weights];
        }

        if (Adapter.All(names.Contains))
        {
            return [.. Adapter.Concat(AdapterSides).Concat(Tokenizers).Concat(Sides).Where(names.Contains)];
        }

        var some = names.Count == 0 ? "no files" : string.Join(", ", names.Order(StringComparer.Ordinal).Take(12));
        throw new FileNotFoundException(
            $"{model}: got a repository with {some}; wanted config.json and " +
            $"{string.Join(" or ", CheckpointFolder.FileNames)}. " +
            "Choose a repository with PyTorch or safetensors weights.");
    }

    /// <summary>What a folder lacks of a model or adapter; empty when it is whole.</summary>
    public static IReadOnlyList<string> Missing(string folder)
    {
        bool Has(string name) => File.Exists(Path.Combine(folder, name));
        if (Adapter.All(Has))
        {
            return [];
        }

        var missing = new List<string>();
        if (!Has("config.json"))
        {
            missing.Add("config.json");
        }

        var weights = CheckpointFolder.FileNames.FirstOrDefault(Has);
        if (weights is null)
        {
            missing.Add(CheckpointFolder.FileNames[0]);
        }
        else if (IsIndex(weights))
        {
            missing.AddRange(ShardedCheckpoint.Files(Path.Combine(folder, weights)).Where(file => !Has(file)));
        }

        if (!Tokenizers.Any(Has))
        {
            missing.Add(Tokenizers[0]);
        }

        return missing;
    }

    /// <summary>Whether a file names further ones.</summary>
    public static bool IsIndex(string name) => name.EndsWith(".index.json", StringComparison.Ordinal);
}
