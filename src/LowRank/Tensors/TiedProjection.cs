using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Tensors;

/// <summary>An output layer whose weight is an embedding's table: one score for each row of the table.</summary>
/// <remarks>
/// It has no parameters of its own. As a module it can be observed, so that an adapter of the embedding takes part in
/// both uses of the table.
/// </remarks>
public sealed class TiedProjection : nn.Module<Tensor, Tensor>
{
    private readonly Embedding _table;

    /// <summary>Projects onto the rows of a table.</summary>
    /// <param name="table">The embedding, <c>[rows, width]</c>; stays its owner's.</param>
    public TiedProjection(Embedding table)
        : base(nameof(TiedProjection)) => _table = Check.NotNull(table);

    /// <summary>The scores of every row.</summary>
    /// <param name="input">Hidden states, <c>[..., width]</c>.</param>
    /// <returns>Shape <c>[..., rows]</c>; the caller disposes it.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return FrozenProduct.Apply(Check.NotNull(input), _table.weight!).MoveToOuterDisposeScope();
    }

    /// <summary>Whether it projects onto the rows of this very embedding.</summary>
    /// <param name="module">Any module.</param>
    /// <returns>True for its own table.</returns>
    public bool IsTiedTo(nn.Module module) => ReferenceEquals(_table, module);

    /// <inheritdoc/>
    /// <remarks>The table is a part of its owner, not of this module.</remarks>
    protected override void RegisterComponents()
    {
    }
}
