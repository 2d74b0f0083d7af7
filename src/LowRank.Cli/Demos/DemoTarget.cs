using LowRank.Completion;
using LowRank.Factorization;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Cli.Demos;

/// <summary>A made-up low-rank matrix with some of its entries observed: the paper's target (docs/theory.md, 5).</summary>
internal sealed class DemoTarget : IDisposable
{
    private readonly double[] _values;
    private readonly bool[] _isObserved;
    private readonly torch.Tensor _target;
    private readonly torch.Tensor _mask;

    public DemoTarget(int size, int rank, double observed, Seed seed)
    {
        Size = size;
        _target = Initialize.LowRank(size, size, rank, seed.For("target"));
        _mask = Initialize.Mask(size, size, observed, seed.For("mask"));
        _values = [.. _target.ReadNumbers<double>()];
        using var bits = _mask.to_type(torch.ScalarType.Bool);
        _isObserved = [.. bits.ReadNumbers<bool>()];
        var places = Enumerable.Range(0, _isObserved.Length).Where(k => _isObserved[k]).ToArray();
        Observed = new(
            size,
            size,
            [.. places.Select(k => k / size)],
            [.. places.Select(k => k % size)],
            [.. places.Select(k => _values[k])]);
    }

    public int Size { get; }

    /// <summary>The entries that a method may see.</summary>
    public ObservedMatrix Observed { get; }

    /// <summary>The dense loss of the paper: half the mean over all entries of the squared, masked residual.</summary>
    public MaskedObjective Objective() => new(_target, _mask, LossScale.MeanOfEntries);

    /// <summary>The recovery error: the same over the entries that were not observed.</summary>
    public double RecoveryError(Func<int, int, double> predict)
    {
        var sum = 0.0;
        for (var k = 0; k < _values.Length; k++)
        {
            if (!_isObserved[k])
            {
                var error = predict(k / Size, k % Size) - _values[k];
                sum += error * error;
            }
        }

        return sum / 2 / _values.Length;
    }

    public void Dispose()
    {
        _target.Dispose();
        _mask.Dispose();
    }
}
