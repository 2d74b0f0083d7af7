using LowRank.Testing;

namespace LowRank.Acceptance;

/// <summary>A tiny random T5 with a tokenizer of a hundred words.</summary>
internal static class GoldenT5
{
    /// <summary>Writes its folder.</summary>
    public static void CopyTo(string folder)
    {
        var golden = GoldenFile.Find("checkpoints/t5-relu");
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(golden, name), Path.Combine(folder, name));
        }

        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), WordTokenizer.Json(100));
    }
}
