using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Encoders;

/// <summary>How Hugging Face draws the weights of an untrained model.</summary>
internal static class InitialWeights
{
    /// <summary>Weights normal(0, range), biases 0, norm weights 1; each draw under its parameter's name.</summary>
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
