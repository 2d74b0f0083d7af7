using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Rows of token ids laid end to end, without padding: the input of every encoder model.</summary>
/// <remarks>
/// Hidden states of a batch are matrices <c>[tokens, hidden]</c> over real tokens only, so that no product, norm or
/// activation is spent on padding; <see cref="Offsets"/> says where each row begins. A batch is immutable and owns its
/// tensors; it may be used for several forward passes.
/// </remarks>
public sealed class TokenBatch : IDisposable
{
    private readonly int[] _offsets;

    private TokenBatch(int[] offsets, Seed? dropout)
    {
        _offsets = offsets;
        Layout = RowLayout.Packed(offsets);
        Dropout = dropout;
    }

    /// <summary>Gets the ids of all rows, end to end; shape <c>[tokens]</c>, int64.</summary>
    public required torch.Tensor Ids { get; init; }

    /// <summary>Gets the token types (segments); shape <c>[tokens]</c>, int64; zeros where none were given.</summary>
    public required torch.Tensor TypeIds { get; init; }

    /// <summary>Gets each token's place in its row, from 0; shape <c>[tokens]</c>, int64.</summary>
    public required torch.Tensor Positions { get; init; }

    /// <summary>Gets the index of each row's first token; shape <c>[rows]</c>, int64.</summary>
    public required torch.Tensor FirstTokens { get; init; }

    /// <summary>Gets where each row begins and, last, the token count; <see cref="Rows"/> + 1 numbers.</summary>
    public IReadOnlyList<int> Offsets => _offsets;

    /// <summary>Gets the number of rows (texts).</summary>
    public int Rows => _offsets.Length - 1;

    /// <summary>Gets the number of real tokens over all rows.</summary>
    public int Tokens => _offsets[^1];

    /// <summary>Gets the length of the longest row, in tokens.</summary>
    public int Longest => Layout.Longest;

    /// <summary>Gets the largest token id.</summary>
    public required int LargestId { get; init; }

    /// <summary>Gets the largest token type.</summary>
    public required int LargestType { get; init; }

    /// <summary>Gets the seed of this batch's dropout masks; null when the batch is not for training.</summary>
    /// <value>
    /// Masks are a pure function of this seed and of the place in the model, so a run that derives it from its own seed
    /// and the step number can be resumed at any step.
    /// </value>
    public Seed? Dropout { get; }

    /// <summary>Gets where the tensors live.</summary>
    public torch.Device Device => Ids.device;

    /// <summary>Where each row's tokens lie.</summary>
    internal RowLayout Layout { get; }

    /// <summary>Gathers rows of ids into one batch.</summary>
    /// <param name="ids">Token ids of each row, special tokens included, without padding; no row may be empty.</param>
    /// <param name="typeIds">Token types of each row, as long as <paramref name="ids"/>; null for zeros.</param>
    /// <param name="device">Where to put the tensors; the CPU when null.</param>
    /// <param name="dropout">The seed of the dropout masks; needed by a model in training mode, else null.</param>
    /// <returns>The batch; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">No rows, an empty row, a negative id, or types that do not fit.</exception>
    public static TokenBatch Create(
        IReadOnlyList<int[]> ids,
        IReadOnlyList<int[]>? typeIds = null,
        torch.Device? device = null,
        Seed? dropout = null)
    {
        Check.NotNull(ids);
        Check.That(ids.Count > 0, nameof(ids), "ids: got no rows; wanted at least one.");
        Check.That(
            typeIds is null || typeIds.Count == ids.Count,
            nameof(typeIds),
            $"typeIds: got {typeIds?.Count} rows; wanted {ids.Count}, one for each row of ids.");
        var offsets = new int[ids.Count + 1];
        for (var row = 0; row < ids.Count; row++)
        {
            CheckRow(row, ids[row], typeIds?[row]);
            offsets[row + 1] = checked(offsets[row] + ids[row].Length);
        }

        var allIds = Concatenate(ids, offsets);
        var allTypes = typeIds is null ? new long[allIds.Length] : Concatenate(typeIds, offsets);
        using var outside = torch.NewDisposeScope();
        return new(offsets, dropout)
        {
            Ids = Tensor(allIds, device),
            TypeIds = Tensor(allTypes, device),
            Positions = Tensor(Places(offsets), device),
            FirstTokens = Tensor([.. offsets.SkipLast(1).Select(o => (long)o)], device),
            LargestId = (int)allIds.Max(),
            LargestType = (int)allTypes.Max(),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        TypeIds.Dispose();
        Positions.Dispose();
        FirstTokens.Dispose();
        Layout.Dispose();
    }

    private static void CheckRow(int row, int[]? ids, int[]? types)
    {
        Check.That(ids is { Length: > 0 }, nameof(ids), $"ids: row {row} is empty; wanted at least one token.");
        Check.That(Array.TrueForAll(ids!, id => id >= 0), nameof(ids), $"ids: row {row} holds a negative token id.");
        Check.That(
            types is null || types.Length == ids!.Length,
            "typeIds",
            $"typeIds: row {row} has {types?.Length} types; wanted {ids!.Length}, one for each token.");
        Check.That(
            types is null || Array.TrueForAll(types, type => type >= 0),
            "typeIds",
            $"typeIds: row {row} holds a negative type.");
    }

    private static long[] Concatenate(IReadOnlyList<int[]> rows, int[] offsets)
    {
        var all = new long[offsets[^1]];
        for (var row = 0; row < rows.Count; row++)
        {
            for (var i = 0; i < rows[row].Length; i++)
            {
                all[offsets[row] + i] = rows[row][i];
            }
        }

        return all;
    }

    private static long[] Places(int[] offsets)
    {
        var places = new long[offsets[^1]];
        for (var row = 0; row + 1 < offsets.Length; row++)
        {
            for (var i = offsets[row]; i < offsets[row + 1]; i++)
            {
                places[i] = i - offsets[row];
            }
        }

        return places;
    }

    // A batch outlives the scope it is made in: it is disposed by its owner.
    private static torch.Tensor Tensor(long[] values, torch.Device? device) =>
        torch.tensor(values, device: device ?? torch.CPU).DetachFromDisposeScope();
}
