using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Draws the factors that LoRA starts with, by the rules of PEFT.</summary>
internal static class LoraDraw
{
    /// <summary>A as the layer stores its input side, and B [out, rank]; both outlive every scope.</summary>
    internal static (Tensor A, Tensor B) Of(AdaptedLayer layer, LoraOptions options, Seed seed)
    {
        using var scope = NewDisposeScope();
        var (a, b) = options.Start switch
        {
            LoraStart.Orthogonal => OrthogonalHalves(layer, options.Rank, seed),
            LoraStart.Pissa => SingularDirections(layer, options, seed),
            LoraStart.Olora => Orthonormal(layer, options),
            _ => OneSided(layer, options, seed),
        };
        return (AdapterStart.InputSide(layer, a), AdapterStart.Place(layer, b));
    }

    // One factor is zero, the other random.
    private static (Tensor A, Tensor B) OneSided(AdaptedLayer layer, LoraOptions options, Seed seed)
    {
        using var generator = seed.Generator();
        var (inputs, outputs, rank) = (layer.Inputs, layer.Outputs, options.Rank);
        var onOutput = options.Start == LoraStart.Mirrored
            || (layer.IsEmbedding && options.Start == LoraStart.Kaiming);
        var deviation = options.Start == LoraStart.Gaussian ? 1.0 / rank : 1;
        var a = zeros(rank, inputs);
        var b = zeros(outputs, rank);
        if (onOutput)
        {
            b.normal_(0, deviation, generator);
        }
        else if (options.Start == LoraStart.Gaussian)
        {
            a.normal_(0, deviation, generator);
        }
        else
        {
            // kaiming_uniform with a = √5: the bound is √(6 / ((1 + 5) in)).
            var bound = 1 / Math.Sqrt(inputs);
            a.uniform_(-bound, bound, generator);
        }

        return (a, b);
    }

    // A lives on one half of the rows of a random orthogonal matrix, B on the other; the maps onto them have deviation 0.1.
    private static (Tensor A, Tensor B) OrthogonalHalves(AdaptedLayer layer, int rank, Seed seed)
    {
        var frame = Initialize.SemiOrthogonal(rank, rank, seed.For("frame"));
        var (first, second) = (frame.narrow(0, 0, rank / 2), frame.narrow(0, rank / 2, rank / 2));
        var a = Initialize.Gaussian(layer.Inputs, rank / 2, seed.For("a"), 0.1).mm(first).t();
        var b = Initialize.Gaussian(layer.Outputs, rank / 2, seed.For("b"), 0.1).mm(second);
        return (a, b);
    }

    // scale·B·A is the weight's best approximation of the rank, its singular values divided evenly.
    private static (Tensor A, Tensor B) SingularDirections(AdaptedLayer layer, LoraOptions options, Seed seed)
    {
        using var top = AdapterStart.LeadingOf(layer, options.Rank, seed);
        var root = (top.Values / options.Scale).sqrt();
        return ((top.Right * root).t(), top.Left * root);
    }

    // B the first columns of Q, A the first rows of R, of the weight W = Q·R.
    private static (Tensor A, Tensor B) Orthonormal(AdaptedLayer layer, LoraOptions options)
    {
        using var gradients = no_grad();
        var (q, r) = linalg.qr(AdapterStart.Map(layer));
        var root = Math.Sqrt(options.Scale);
        return (r.narrow(0, 0, options.Rank) / root, q.narrow(1, 0, options.Rank) / root);
    }
}
