using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Encoders;

/// <summary>How the weights of an untrained model are drawn.</summary>
internal static class InitialWeights
{
    private const double Emphasis = 2;
    private const double LongestWave = 60;

    /// <summary>
    /// Lets each token of a fresh model look at its neighbours and its likes: positions become waves, so that near ones
    /// are alike, and keys become equal to queries, so that what is alike attends to each other.
    /// </summary>
    /// <remarks>
    /// After Trockman and Kolter 2023 (mimetic initialization) and the waves of Vaswani et al. 2017. A small BERT that
    /// starts at random guesses by frequency for a million tokens before it finds its neighbours.
    /// </remarks>
    public static void LookNearby(torch.nn.Module model, EncoderNames names, double range)
    {
        using var frozen = torch.no_grad();
        var all = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (var (name, query) in all.Where(entry => entry.Key.EndsWith($"{names.Query}.weight", StringComparison.Ordinal)))
        {
            query.mul_(Emphasis);
            all[name.Replace(names.Query, names.Key, StringComparison.Ordinal)].copy_(query);
        }

        var positions = all[$"{names.Base}.embeddings.position_embeddings.weight"];
        var (count, width) = ((int)positions.shape[0], (int)positions.shape[1]);
        using var waves = torch.tensor(Waves(count, width, Emphasis * range));
        using var table = waves.view(count, width);
        positions.copy_(table);
    }

    // Sines and cosines of wavelengths from 2 pi to about 60 times that, in tokens; [count, width] row by row.
    private static float[] Waves(int count, int width, double height)
    {
        var waves = new float[count * width];
        for (var place = 0; place < count; place++)
        {
            for (var i = 0; i < width; i++)
            {
                var angle = place / Math.Pow(LongestWave, 2.0 * (i / 2) / width);
                waves[(place * width) + i] = (float)(height * (i % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle)));
            }
        }

        return waves;
    }

    /// <summary>As Hugging Face does: weights normal(0, range), biases 0, norm weights 1; each draw under its parameter's name.</summary>
    public static void Draw(torch.nn.Module model, Seed seed, double range, IReadOnlyCollection<string> names)
    {
        using var frozen = torch.no_grad();
        foreach (var (name, parameter) in model.named_parameters().Where(parameter => names.Contains(parameter.name)))
        {
            if (parameter.dim() == 1)
            {
                _ = parameter.fill_(name.EndsWith(".weight", StringComparison.Ordinal) ? 1 : 0);
                continue;
            }

            using var generator = seed.For(name).Generator();
            using var drawn = torch.randn(parameter.shape, torch.float32, generator: generator);
            _ = parameter.copy_(drawn.mul_(range));
        }
    }
}
