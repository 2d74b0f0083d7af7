using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Factorization;

/// <summary>Records singular values, angles and frozen values while a model descends.</summary>
/// <remarks>
/// Each record costs a singular value decomposition per factor. The angles use the first record after step 0 as their
/// reference, because at an orthogonal start all singular values are equal and their vectors are arbitrary (theory 2.
/// </remarks>
public sealed class DynamicsRecorder : DescentObserver, IDisposable
{
    private readonly DynamicsOptions _options;
    private readonly InvariantSubspaces? _subspaces;
    private readonly List<DynamicsPoint> _points = [];
    private readonly List<SingularTriplets> _reference = [];

    /// <summary>A recorder for one run.</summary>
    /// <param name="options">What to record.</param>
    /// <param name="subspaces">
    /// The theorem's bases, to record frozen values and leaks; null for neither. Borrowed for the whole run.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public DynamicsRecorder(DynamicsOptions options, InvariantSubspaces? subspaces = null)
    {
        _options = Check.NotNull(options);
        Check.AtLeast(options.Every, 1);
        Check.AtLeast(options.AngleRank, 0);
        _subspaces = subspaces;
    }

    /// <summary>What was recorded so far.</summary>
    public DynamicsTrace Trace => new([.. _points]);

    /// <inheritdoc/>
    public override bool Wants(int taken) => taken % _options.Every == 0;

    /// <inheritdoc/>
    public override void Observe(int taken, double loss, MatrixModel model)
    {
        Check.NotNull(model);
        using var scope = NewDisposeScope();
        var product = _options.ProductSpectrum ? Spectrum.SingularValues(model.Product()) : [];
        var (spectra, left, right) = Factors(taken, model);
        _points.Add(new(
            taken,
            loss,
            product,
            _options.ProductSpectrum ? Spectrum.EffectiveRank(product) : double.NaN,
            spectra,
            left,
            right,
            _subspaces is null ? [] : [.. model.Factors.Select((factor, i) => _subspaces.FrozenScale(i, factor))],
            _subspaces is null ? [] : [.. model.Factors.Select((factor, i) => _subspaces.Leak(i, factor))]));
    }

    /// <summary>Frees the reference vectors; the trace stays.</summary>
    public void Dispose()
    {
        foreach (var triplets in _reference)
        {
            triplets.Dispose();
        }

        _reference.Clear();
    }

    private (double[][] Spectra, double[][] Left, double[][] Right) Factors(int taken, MatrixModel model)
    {
        if (_options.AngleRank == 0 || taken == 0)
        {
            return (_options.FactorSpectra ? [.. model.Factors.Select(Spectrum.SingularValues)] : [], [], []);
        }

        var triplets = model.Factors.Select(factor =>
        {
            var side = Math.Min(factor.shape[0], factor.shape[1]);
            Check.That(
                2 * _options.AngleRank < side,
                nameof(model),
                $"AngleRank: got {_options.AngleRank}; wanted below half of a factor's shorter side, {side}.");
            return Spectrum.Top(factor, (int)side);
        }).ToList();
        if (_reference.Count == 0)
        {
            _reference.AddRange(triplets);
        }

        double[][] spectra = _options.FactorSpectra ? [.. triplets.Select(t => Spectrum.Numbers(t.Values))] : [];
        double[][] left = [.. triplets.Zip(_reference, (now, then) => Angles(now.Left, then.Left))];
        double[][] right = [.. triplets.Zip(_reference, (now, then) => Angles(now.Right, then.Right))];
        foreach (var triplet in triplets.Where(triplet => !_reference.Contains(triplet)))
        {
            triplet.Dispose();
        }

        return (spectra, left, right);
    }

    private double[] Angles(Tensor now, Tensor then)
    {
        var (rank, side) = (_options.AngleRank, (int)now.shape[1]);
        return
        [
            .. Enumerable.Range(0, rank).Select(i => Angle(i, 1)),
            Angle(rank, side - (2 * rank)),
            .. Enumerable.Range(side - rank, rank).Select(i => Angle(i, 1)),
        ];

        double Angle(int start, int count) =>
            Spectrum.PrincipalAngles(now.narrow(1, start, count), then.narrow(1, start, count))[^1];
    }
}
