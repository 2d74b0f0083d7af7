using System.Numerics;
using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>Made-up ratings of known truth: a random matrix of low rank, seen at random cells through noise.</summary>
/// <remarks>
/// Truth(i, j) = x_i . y_j / sqrt(rank), with standard normal x and y, so that its entries have variance 1. The cells
/// are the first ones of a seeded permutation of all cells: distinct, and in random order. The same seed and options
/// give the same numbers on any machine and any number of threads.
/// </remarks>
public sealed class SyntheticRatings
{
    // Entries that share a stream of noise; a constant, because the numbers depend on it.
    private const int NoiseBlock = 1 << 14;

    private readonly double[] _left;
    private readonly double[] _right;
    private readonly int _rank;
    private readonly double _scale;

    private SyntheticRatings(SyntheticRatingsOptions options, Seed seed)
    {
        _rank = options.Rank;
        _scale = 1 / Math.Sqrt(options.Rank);
        _left = Normals(seed.For("left"), options.Rows * options.Rank);
        _right = Normals(seed.For("right"), options.Columns * options.Rank);
        Observed = Observe(options, seed);
    }

    /// <summary>The observed entries, with noise; rows and columns are known by their numbers.</summary>
    public ObservedMatrix Observed { get; }

    /// <summary>Makes the ratings.</summary>
    /// <param name="options">Size, rank, number of entries, noise.</param>
    /// <param name="seed">Decides all numbers.</param>
    /// <returns>The truth and its observed entries.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static SyntheticRatings Create(SyntheticRatingsOptions options, Seed seed)
    {
        Check.NotNull(options);
        Check.AtLeast(options.Rows, 1);
        Check.AtLeast(options.Columns, 1);
        Check.InRange(options.Rank, 1, Array.MaxLength / Math.Max(options.Rows, options.Columns));
        Check.InRange(options.Entries, 1, (int)Math.Min(Array.MaxLength, (long)options.Rows * options.Columns));
        Check.NotNegative(options.Noise);
        Check.InRange(options.Decimals ?? 0, 0, 15);
        return new SyntheticRatings(options, seed);
    }

    /// <summary>The noiseless value of a cell.</summary>
    /// <param name="row">Its row, from 0.</param>
    /// <param name="column">Its column, from 0.</param>
    /// <returns>The value, of variance 1 over all cells.</returns>
    public double Truth(int row, int column)
    {
        var x = _left.AsSpan(row * _rank, _rank);
        var y = _right.AsSpan(column * _rank, _rank);
        var sum = 0.0;
        for (var f = 0; f < x.Length; f++)
        {
            sum += x[f] * y[f];
        }

        return sum * _scale;
    }

    private ObservedMatrix Observe(SyntheticRatingsOptions options, Seed seed)
    {
        var cells = new CellPermutation((ulong)options.Rows * (ulong)options.Columns, seed.For("cells"));
        var rows = new int[options.Entries];
        var columns = new int[options.Entries];
        var values = new double[options.Entries];
        var noise = seed.For("noise");
        Parallel.For(0, (options.Entries + NoiseBlock - 1) / NoiseBlock, b =>
        {
            var from = b * NoiseBlock;
            var to = Math.Min(options.Entries, from + NoiseBlock);
            var errors = options.Noise > 0 ? Normals(noise.For(b), to - from) : new double[to - from];
            for (var k = from; k < to; k++)
            {
                var (row, column) = Math.DivRem(cells[(ulong)k], (ulong)options.Columns);
                rows[k] = (int)row;
                columns[k] = (int)column;
                var value = Truth((int)row, (int)column) + (options.Noise * errors[k - from]);
                values[k] = options.Decimals is { } places ? Math.Round(value, places) : value;
            }
        });
        return new ObservedMatrix(options.Rows, options.Columns, rows, columns, values);
    }

    // Marsaglia's polar method: pairs of independent standard normal numbers.
    private static double[] Normals(Seed seed, int count)
    {
        var random = seed.Random();
        var normals = new double[count];
        for (var k = 0; k < count;)
        {
            var u = (2 * random.NextDouble()) - 1;
            var v = (2 * random.NextDouble()) - 1;
            var s = (u * u) + (v * v);
            if (s is 0 or >= 1)
            {
                continue;
            }

            var factor = Math.Sqrt(-2 * Math.Log(s) / s);
            normals[k++] = u * factor;
            if (k < count)
            {
                normals[k++] = v * factor;
            }
        }

        return normals;
    }

    /// <summary>A seeded permutation of 0 to count - 1 in constant memory.</summary>
    /// <remarks>
    /// Rounds of keyed additions, odd multiplications and shifts are bijections of all numbers of b bits; where one
    /// leads outside, it is followed until it is inside again, which keeps it a bijection of the count.
    /// </remarks>
    private readonly struct CellPermutation
    {
        private const int Rounds = 4;

        private readonly ulong _count;
        private readonly ulong _mask;
        private readonly int _shift;
        private readonly ulong[] _keys;

        public CellPermutation(ulong count, Seed seed)
        {
            var bits = Math.Max(1, 64 - BitOperations.LeadingZeroCount(count - 1));
            _count = count;
            _mask = ulong.MaxValue >> (64 - bits);
            _shift = (bits / 2) + 1;
            _keys = new ulong[Rounds];
            for (var i = 0; i < Rounds; i++)
            {
                _keys[i] = seed.For(i).Value;
            }
        }

        public ulong this[ulong index]
        {
            get
            {
                var x = index;
                do
                {
                    foreach (var key in _keys)
                    {
                        x = ((x ^ (key & _mask)) * 0xBF58476D1CE4E5B9 + (key >> 7)) & _mask;
                        x ^= x >> _shift;
                    }
                }
                while (x >= _count);
                return x;
            }
        }
    }
}
