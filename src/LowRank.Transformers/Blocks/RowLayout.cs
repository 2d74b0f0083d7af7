using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Where the rows of each text lie in a matrix of many texts, and the way to the padded form and back.</summary>
/// <remarks>Immutable but for the tensors of the padded form, which are made when first asked for and owned here.</remarks>
internal sealed class RowLayout : IDisposable
{
    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly int _capacity;
    private torch.Tensor? _slots;
    private torch.Tensor? _mask;

    private RowLayout(int[] starts, int[] lengths, int capacity)
    {
        _starts = starts;
        _lengths = lengths;
        _capacity = capacity;
        Longest = lengths.Max();
    }

    public int Texts => _lengths.Length;

    /// <summary>Rows of the longest text.</summary>
    public int Longest { get; }

    /// <summary>Whether all texts have the same number of rows, so that the padded form has no padding.</summary>
    public bool IsUniform => _capacity > 0;

    /// <summary>Texts end to end.</summary>
    /// <param name="offsets">Where each text begins and, last, the number of rows.</param>
    public static RowLayout Packed(IReadOnlyList<int> offsets) =>
        new([.. offsets.SkipLast(1)], [.. offsets.Zip(offsets.Skip(1), (from, to) => to - from)], 0);

    /// <summary>Texts of one length.</summary>
    /// <param name="texts">How many.</param>
    /// <param name="length">The rows in use of each.</param>
    /// <param name="capacity">The rows that each takes up; its length when null.</param>
    public static RowLayout Uniform(int texts, int length, int? capacity = null)
    {
        var distance = capacity ?? length;
        return new(
            [.. Enumerable.Range(0, texts).Select(text => text * distance)],
            [.. Enumerable.Repeat(length, texts)],
            distance);
    }

    public int Start(int text) => _starts[text];

    public int Length(int text) => _lengths[text];

    /// <summary>[rows, width] as [texts, longest, width], padding zero; the caller's scope owns it.</summary>
    public torch.Tensor Pad(torch.Tensor rows)
    {
        var width = rows.size(1);
        if (IsUniform)
        {
            return rows.view(Texts, _capacity, width).narrow(1, 0, Longest);
        }

        var padded = torch.zeros([Texts * Longest, width], rows.dtype, rows.device);
        return padded.index_copy(0, Slots(rows.device), rows).view(Texts, Longest, width);
    }

    /// <summary>[texts, longest, width] as [rows, width]; the caller's scope owns it.</summary>
    public torch.Tensor Unpad(torch.Tensor padded)
    {
        var flat = padded.reshape(Texts * Longest, padded.size(2));
        return IsUniform ? flat : flat.index_select(0, Slots(padded.device));
    }

    /// <summary>Zero at rows, minus infinity at padding: [texts, 1, 1, longest], float32; owned here.</summary>
    public torch.Tensor Mask(torch.Device device)
    {
        if (_mask is not null)
        {
            return _mask;
        }

        var mask = new float[Texts * Longest];
        for (var text = 0; text < Texts; text++)
        {
            mask.AsSpan(text * Longest, Longest)[_lengths[text]..].Fill(float.NegativeInfinity);
        }

        using var flat = torch.tensor(mask, device: device);
        return _mask = flat.view(Texts, 1, 1, Longest).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _slots?.Dispose();
        _mask?.Dispose();
    }

    // Each row's place in the padded form.
    private torch.Tensor Slots(torch.Device device) => _slots ??= torch.tensor(
        Enumerable.Range(0, Texts)
            .SelectMany(text => Enumerable.Range(0, _lengths[text]).Select(i => ((long)text * Longest) + i))
            .ToArray(),
        device: device).DetachFromDisposeScope();
}
