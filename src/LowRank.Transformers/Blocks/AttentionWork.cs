using System.Buffers;
using System.Numerics;

namespace LowRank.Transformers.Blocks;

/// <summary>One thread's scratch: one head's matrices, contiguous, rows padded to the vector width.</summary>
internal sealed unsafe class AttentionWork : IDisposable
{
    private readonly AttentionShape _shape;
    private readonly float[] _buffer;
    private readonly MemoryHandle _pin;
    private readonly int _modelWidth;
    private int _text;
    private int _head;
    private int _firstQuery;
    private int _firstKey;

    public AttentionWork(AttentionShape shape)
    {
        _shape = shape;
        _modelWidth = shape.Width;
        Width = Padded(shape.HeadWidth);
        int m = shape.Queries.Longest, n = shape.Keys.Longest, s = Padded(n);
        var size = (3 * m * Width) + (3 * n * Width) + (Width * s) + (4 * m * s) + Vector<float>.Count + m + s;
        _buffer = ArrayPool<float>.Shared.Rent(size);
        _pin = _buffer.AsMemory().Pin();
        var at = (float*)_pin.Pointer;
        Queries = Take(ref at, m * Width);
        Gradient = Take(ref at, m * Width);
        OutQ = Take(ref at, m * Width);
        Keys = Take(ref at, n * Width);
        OutK = Take(ref at, n * Width);
        KeysT = Take(ref at, Width * s);
        P = Take(ref at, m * s);
        S = Take(ref at, m * s);
        Dropped = Take(ref at, m * s);
        Mask = Take(ref at, (m * s) + Vector<float>.Count);
        Bias = Take(ref at, m + s);
    }

    public float* Queries { get; }

    public float* Gradient { get; }

    public float* OutQ { get; }

    public float* Keys { get; }

    public float* OutK { get; }

    public float* KeysT { get; }

    public float* P { get; }

    public float* S { get; }

    public float* Dropped { get; }

    public float* Mask { get; }

    /// <summary>One head's bias, or its gradient, by distance; padded so that whole vectors may be read.</summary>
    public float* Bias { get; }

    /// <summary>Queries of this text.</summary>
    public int M { get; private set; }

    /// <summary>Keys of this text.</summary>
    public int N { get; private set; }

    /// <summary>Keys, padded to the vector width.</summary>
    public int KeyStride { get; private set; }

    /// <summary>The head's width, padded to the vector width.</summary>
    public int Width { get; }

    public void Open(int text, int head)
    {
        _text = text;
        _head = head;
        _firstQuery = _shape.Queries.Start(text);
        _firstKey = _shape.Keys.Start(text);
        M = _shape.Queries.Length(text);
        N = _shape.Keys.Length(text);
        KeyStride = Padded(N);
        if (_shape.DropoutRate > 0)
        {
            RandomMask.Fill(new(Mask, M * N), _shape.DropoutRate, _shape.MaskSeed(text, head));

            // The last row's vectors read past the mask: whatever lies there must be finite, its products are zero.
            new Span<float>(Mask + (M * N), Vector<float>.Count).Clear();
        }
    }

    public void LoadQueries(float* from, float* to) => Load(from, _firstQuery, M, to);

    public void LoadKeys(float* from, float* to) => Load(from, _firstKey, N, to);

    public void StoreQueries(float* from, float* to) => Store(from, _firstQuery, M, to);

    public void StoreKeys(float* from, float* to) => Store(from, _firstKey, N, to);

    /// <summary>Keys or values as [width, keys], padding zero.</summary>
    public void LoadTransposed(float* from, float* to)
    {
        from += ((long)_firstKey * _modelWidth) + (_head * _shape.HeadWidth);
        for (var j = 0; j < _shape.HeadWidth; j++)
        {
            var row = to + (j * KeyStride);
            for (var i = 0; i < N; i++)
            {
                row[i] = from[((long)i * _modelWidth) + j];
            }

            new Span<float>(row + N, KeyStride - N).Clear();
        }
    }

    /// <summary>P = softmax(scale Q K^T + bias); unseen and padding columns are zero.</summary>
    public void Probabilities(float* q, float* bias)
    {
        LoadQueries(q, Queries);
        SmallProduct.Multiply(Queries, Width, 1, KeysT, P, M, KeyStride, _shape.HeadWidth);
        if (bias is not null)
        {
            AddBias(bias);
        }

        for (var i = 0; i < M; i++)
        {
            Softmax(P + (i * KeyStride), _shape.Causal ? Math.Min(N, i + 1) : N);
        }
    }

    /// <summary>Multiplies by the dropout mask, where there is one.</summary>
    public void Drop(float* scores)
    {
        if (_shape.DropoutRate > 0)
        {
            Masked(scores, scores);
        }
    }

    /// <summary>Dropped = P times the mask; P itself is kept for the softmax's gradient.</summary>
    public void CopyDropped()
    {
        if (_shape.DropoutRate > 0)
        {
            Masked(P, Dropped);
        }
        else
        {
            new Span<float>(P, M * KeyStride).CopyTo(new(Dropped, M * KeyStride));
        }
    }

    /// <summary>S = P (S - sum(P S)) * scale, row by row.</summary>
    public void SoftmaxGradient()
    {
        var width = Vector<float>.Count;
        var scale = new Vector<float>(_shape.Scale);
        for (var i = 0; i < M; i++)
        {
            float* p = P + (i * KeyStride), s = S + (i * KeyStride);
            Vector<float> sum = default;
            for (var j = 0; j < KeyStride; j += width)
            {
                sum = Vector.FusedMultiplyAdd(Vector.Load(p + j), Vector.Load(s + j), sum);
            }

            var mean = new Vector<float>(Vector.Sum(sum));
            for (var j = 0; j < KeyStride; j += width)
            {
                (Vector.Load(p + j) * (Vector.Load(s + j) - mean) * scale).Store(s + j);
            }
        }
    }

    /// <summary>The gradient of this text's and head's bias: S summed by distance, without the scale.</summary>
    public void StoreBias(float* to)
    {
        var columns = _shape.BiasColumns;
        new Span<float>(Bias, _shape.Queries.Longest + Padded(_shape.Keys.Longest)).Clear();
        for (var i = 0; i < M; i++)
        {
            float* s = S + (i * KeyStride), sum = BiasRow(i);
            for (var j = 0; j < KeyStride; j += Vector<float>.Count)
            {
                (Vector.Load(sum + j) + Vector.Load(s + j)).Store(sum + j);
            }
        }

        to += ((long)_text * _shape.Heads * columns) + ((long)_head * columns);
        for (var column = 0; column < columns; column++)
        {
            to[column] = Bias[column] / _shape.Scale;
        }
    }

    public void Dispose()
    {
        _pin.Dispose();
        ArrayPool<float>.Shared.Return(_buffer);
    }

    private static int Padded(int count)
    {
        var width = Vector<float>.Count;
        return (count + width - 1) / width * width;
    }

    private static float* Take(ref float* at, int count)
    {
        var taken = at;
        at += count;
        return taken;
    }

    private float* BiasRow(int query) => Bias + (_shape.Queries.Longest - 1 - query);

    // The softmax scales the scores, and with them the bias, which must not be.
    private void AddBias(float* bias)
    {
        var columns = _shape.BiasColumns;
        bias += (long)_head * columns;
        for (var column = 0; column < columns; column++)
        {
            Bias[column] = bias[column] / _shape.Scale;
        }

        new Span<float>(Bias + columns, _shape.Queries.Longest + Padded(_shape.Keys.Longest) - columns).Clear();
        for (var i = 0; i < M; i++)
        {
            float* row = P + (i * KeyStride), added = BiasRow(i);
            for (var j = 0; j < KeyStride; j += Vector<float>.Count)
            {
                (Vector.Load(row + j) + Vector.Load(added + j)).Store(row + j);
            }
        }
    }

    private void Masked(float* from, float* to)
    {
        for (var i = 0; i < M; i++)
        {
            float* row = from + (i * KeyStride), target = to + (i * KeyStride), mask = Mask + (i * N);
            for (var j = 0; j < KeyStride; j += Vector<float>.Count)
            {
                (Vector.Load(row + j) * Vector.Load(mask + j)).Store(target + j);
            }
        }
    }

    private void Load(float* from, int first, int count, float* to)
    {
        var width = _shape.HeadWidth;
        from += ((long)first * _modelWidth) + (_head * width);
        for (var i = 0; i < count; i++, from += _modelWidth, to += Width)
        {
            new Span<float>(from, width).CopyTo(new(to, width));
            new Span<float>(to + width, Width - width).Clear();
        }
    }

    private void Store(float* from, int first, int count, float* to)
    {
        var width = _shape.HeadWidth;
        to += ((long)first * _modelWidth) + (_head * width);
        for (var i = 0; i < count; i++, from += Width, to += _modelWidth)
        {
            new Span<float>(from, width).CopyTo(new(to, width));
        }
    }

    private void Softmax(float* row, int seen)
    {
        var width = Vector<float>.Count;
        new Span<float>(row + seen, KeyStride - seen).Fill(float.NegativeInfinity);
        var largest = new Vector<float>(float.NegativeInfinity);
        for (var j = 0; j < KeyStride; j += width)
        {
            largest = Vector.Max(largest, Vector.Load(row + j));
        }

        var top = largest[0];
        for (var j = 1; j < width; j++)
        {
            top = Math.Max(top, largest[j]);
        }

        var scale = new Vector<float>(_shape.Scale);
        var shift = new Vector<float>(-top * _shape.Scale);
        Vector<float> sum = default;
        for (var j = 0; j < KeyStride; j += width)
        {
            var e = Vector.Exp(Vector.FusedMultiplyAdd(Vector.Load(row + j), scale, shift));
            e.Store(row + j);
            sum += e;
        }

        var share = new Vector<float>(1f / Vector.Sum(sum));
        for (var j = 0; j < KeyStride; j += width)
        {
            (Vector.Load(row + j) * share).Store(row + j);
        }
    }
}
