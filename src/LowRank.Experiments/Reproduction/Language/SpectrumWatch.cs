using LowRank.Adapters;
using LowRank.FineTuning.Training;

namespace LowRank.Experiments.Reproduction.Language;

/// <summary>Keeps the singular values of every layer's update at the end of a run.</summary>
/// <param name="adapters">The adapters.</param>
internal sealed class SpectrumWatch(AdapterSet adapters) : RunWatch
{
    /// <summary>How many singular values of a layer are kept.</summary>
    public const int Most = 12;

    private const double SinglePrecision = 1.1920929e-7;

    public override void Observe(TrainingEvent happened)
    {
    }

    // ranks: as NumPy counts, as the paper counts, above 1 % of the largest, by entropy; and the largest singular value.
    public override IEnumerable<KeyValuePair<string, IReadOnlyList<IReadOnlyList<double>>>> Series()
    {
        var layers = AdapterSpectrum.Of(adapters);
        yield return new("ranks", [.. layers.Select(layer => (double[])
        [
            layer.SingularValues.Count(value => value > layer.SingularValues[0] * Math.Max(layer.Inputs, layer.Outputs) * SinglePrecision),
            layer.PaperRank, layer.NumericalRank, Math.Round(layer.EffectiveRank, 4), layer.SingularValues[0],
        ])]);
        yield return new("singular_values", [.. layers.Select(layer => (double[])[.. layer.SingularValues.Take(Most)])]);
    }
}
