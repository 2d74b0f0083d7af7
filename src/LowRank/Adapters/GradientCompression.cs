using LowRank.Factorization;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// Finds the outer factors with which a compressed Deep LoRA starts exactly where the wide model would, from the
/// gradient of a first batch, without ever forming the wide model, the dense gradient, or a square random map.
/// </summary>
/// <remarks>
/// Let g be the gradient of the loss with respect to a layer's whole update at zero, and Q the random
/// (semi-)orthogonal map that a wide factorization would start with. With the leading half-rank singular vectors of g,
/// left and right are orthonormalisations of <c>[V, QᵀU]</c> and its image under Q. Q is met only through its action on
/// these few vectors, and is drawn through it. Time O((in + out) rank²) per layer after one backward pass.
/// </remarks>
public static class GradientCompression
{
    /// <summary>Runs batches through a model and finds every layer's outer factors.</summary>
    /// <param name="model">The model; left as it was (its training mode and gradient flags are restored).</param>
    /// <param name="layers">The layers to compress for.</param>
    /// <param name="rank">
    /// The width of the compressed form: even; half of it comes from each side of the gradient.
    /// </param>
    /// <param name="seed">The random maps; each layer has a stream of its own.</param>
    /// <param name="losses">One function per batch that computes its loss from the model; dropout is off.</param>
    /// <returns>The outer factors by layer path; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">No batch was given, or the rank is odd or too large for a layer.</exception>
    /// <exception cref="InvalidOperationException">A layer took no part in the loss.</exception>
    public static Dictionary<string, OuterFactors> Find(
        nn.Module model, IReadOnlyList<AdaptedLayer> layers, int rank, Seed seed, IReadOnlyList<Func<Tensor>> losses)
    {
        Check.NotNull(model);
        Check.NotNull(layers);
        Check.NotNull(losses);
        Check.That(
            rank >= 2 && rank % 2 == 0, nameof(rank), $"{nameof(rank)}: got {rank}; wanted an even number from 2.");
        Check.That(
            losses.Count > 0,
            nameof(losses),
            "losses: the compressed form starts from the gradient of a first batch, and none was given.");
        var found = new Dictionary<string, OuterFactors>();
        try
        {
            Observe(model, layers, losses, gradient =>
            {
                using var scope = NewDisposeScope();
                var stream = seed.For(gradient.Layer.Path);
                var (u, v) = gradient.LeadingVectors(rank / 2, stream.For("sketch"));
                found[gradient.Layer.Path] = Compression.FromSingularVectors(u, v, stream.For("map"));
            });
            return found;
        }
        catch
        {
            found.Values.ToList().ForEach(outer => outer.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Runs the batches and hands over each layer's gradient as soon as the backward pass has completed it.
    /// </summary>
    internal static void Observe(
        nn.Module model,
        IReadOnlyList<AdaptedLayer> layers,
        IReadOnlyList<Func<Tensor>> losses,
        Action<FactoredGradient> use)
    {
        Exception? fault = null;
        var gradients = layers.Select(layer => new FactoredGradient(layer, Use)).ToList();
        var wasTraining = model.training;
        var trained = model.parameters().Where(parameter => parameter.requires_grad).ToList();
        using var probe = zeros(1, device: layers[0].Weight.device, requires_grad: true);
        var hooks = gradients.SelectMany(gradient => gradient.Layer.ProjectionsIn(model)
            .Select(projection => new Hook(
                projection, (input, output) => GradientTap.apply(output, probe, gradient.ObserverOfScores(input))))
            .Prepend(new Hook(
                gradient.Layer.Module, (input, output) => GradientTap.apply(output, probe, gradient.Observer(input)))))
            .ToList();
        try
        {
            model.eval();
            trained.ForEach(parameter => parameter.requires_grad = false);
            for (var batch = 0; batch < losses.Count; batch++)
            {
                gradients.ForEach(gradient => gradient.ExpectsMore = batch < losses.Count - 1);
                using var scope = NewDisposeScope();
                var value = losses[batch]();
                if (value.requires_grad)
                {
                    value.backward();
                }
            }
        }
        finally
        {
            hooks.ForEach(hook => hook.Dispose());
            gradients.ForEach(gradient => gradient.Dispose());
            trained.ForEach(parameter => parameter.requires_grad = true);
            model.train(wasTraining);
        }

        if (fault is not null)
        {
            throw new InvalidOperationException($"The gradients could not be compressed: {fault.Message}", fault);
        }

        RequireAll(gradients);

        // An exception must not cross the native backward pass: it would end the process.
        void Use(FactoredGradient gradient)
        {
            try
            {
                use(gradient);
            }
            catch (Exception error) when (fault is null)
            {
                fault = error;
            }
            catch (Exception)
            {
                // The first fault is the one to tell.
            }
        }
    }

    private static void RequireAll(List<FactoredGradient> gradients)
    {
        var silent = gradients.Where(gradient => gradient.IsEmpty).Select(gradient => gradient.Layer.Path).ToList();
        if (silent.Count > 0)
        {
            throw new InvalidOperationException(
                $"{silent.Count} layers took no part in the loss, such as {silent[0]}; leave them out of the targets.");
        }
    }
}
