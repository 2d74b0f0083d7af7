using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Looks at every layer's update at some steps: how its leading input directions lie to those of the last look.</summary>
internal sealed class SubspaceWatch : RunWatch
{
    /// <summary>Directions of a subspace.</summary>
    public const int Directions = 8;

    private const int Values = 10;
    private readonly AdapterSet _adapters;
    private readonly IReadOnlyList<int> _steps;

    // Step by step, layer by layer: [in, directions], orthonormal, and the singular values.
    private readonly List<(int Step, IReadOnlyList<Look> Layers)> _looks = [];

    public SubspaceWatch(AdapterSet adapters, IReadOnlyList<int> steps)
    {
        (_adapters, _steps) = (adapters, steps);
        LookAfter(0);
    }

    public override void Observe(TrainingEvent happened)
    {
        if (happened is TrainingEvent.Stepped step)
        {
            LookAfter(step.Step);
        }
    }

    // spectra: a row for each layer, its largest singular values at the end. best_aligned and worst_aligned: a row for each
    // look, the step and for each layer the cosine of the smallest, and of the largest, principal angle to the last subspace.
    public override IEnumerable<KeyValuePair<string, IReadOnlyList<IReadOnlyList<double>>>> Series()
    {
        var last = _looks[^1].Layers;
        yield return new("spectra", [.. last.Select(look => look.Values)]);
        var cosines = _looks.Select(look => (look.Step, Layers: look.Layers.Zip(last, Cosines).ToList())).ToList();
        yield return new("best_aligned", [.. cosines.Select(look => (double[])[look.Step, .. look.Layers.Select(layer => layer[0])])]);
        yield return new("worst_aligned", [.. cosines.Select(look => (double[])[look.Step, .. look.Layers.Select(layer => layer[^1])])]);
        foreach (var look in _looks.SelectMany(look => look.Layers))
        {
            look.Basis.Dispose();
        }
    }

    private static double[] Cosines(Look one, Look other)
    {
        using var scope = NewDisposeScope();
        return [.. linalg.svdvals(one.Basis.t().mm(other.Basis)).ReadNumbers<double>().Select(cosine => Math.Round(Math.Min(1, cosine), 5))];
    }

    private void LookAfter(int step)
    {
        if (!_steps.Contains(step))
        {
            return;
        }

        using var gradients = no_grad();
        _looks.Add((step, [.. _adapters.Adapters.Select(LookAt)]));
    }

    private static Look LookAt(Adapter adapter)
    {
        using var scope = NewDisposeScope();
        var update = adapter.Delta().to(ScalarType.Float64);
        var (_, values, right) = linalg.svd(update, fullMatrices: false);
        var count = Math.Min(Directions, right.shape[0]);
        return new(
            right.narrow(0, 0, count).t().contiguous().MoveToOuterDisposeScope().DetachFromDisposeScope(),
            [.. values.narrow(0, 0, Math.Min(Values, values.shape[0])).ReadNumbers<double>()]);
    }

    private sealed record Look(Tensor Basis, IReadOnlyList<double> Values);
}
