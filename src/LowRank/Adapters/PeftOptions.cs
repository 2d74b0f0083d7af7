using LowRank.Tensors;

namespace LowRank.Adapters;

/// <summary>What a PEFT folder says beside the adapter's own numbers.</summary>
public sealed record PeftOptions
{
    /// <summary>The base model's hub id or folder, as loaders will look for it.</summary>
    /// <value>Null: not said.</value>
    public string? BaseModel { get; init; }

    /// <summary>The base model's revision on the hub.</summary>
    /// <value>Null: not said.</value>
    public string? Revision { get; init; }

    /// <summary>PEFT's task type, such as <c>SEQ_CLS</c>.</summary>
    /// <value>Null: not said.</value>
    public string? TaskType { get; init; }

    /// <summary>
    /// Module paths of heads to store even if they were not trained: PEFT gives a classification task a fresh random
    /// head when the file has none.
    /// </summary>
    /// <value>Empty; the trained heads are always stored.</value>
    public IReadOnlyList<string> Heads { get; init; } = [];

    /// <summary>
    /// The share of the updates' joint Frobenius norm that may be lost for smaller files: each layer is then written at
    /// the rank it really uses, under <c>rank_pattern</c> and <c>alpha_pattern</c>.
    /// </summary>
    /// <value>Null: every layer at one rank, exactly, which all readers of the format can read. In [0, 1].</value>
    public double? Tolerance { get; init; }

    /// <summary>The number format of the tensors.</summary>
    /// <value>F32; or F64, F16, BF16.</value>
    public TensorDtype Dtype { get; init; } = TensorDtype.F32;

    /// <summary>
    /// Whether the factors as they are trained are written beside, so that training can go on. Only with
    /// <see cref="Tolerance"/> null and <see cref="Dtype"/> F32.
    /// </summary>
    /// <value>True.</value>
    public bool KeepsFactors { get; init; } = true;

    internal bool WritesFactors => KeepsFactors && Tolerance is null && Dtype == TensorDtype.F32;

    internal void Validate()
    {
        Check.InRange(Tolerance ?? 0, 0, 1, nameof(Tolerance));
        Check.That(Dtype.IsFloatingPoint(), nameof(Dtype), $"{nameof(Dtype)}: got {Dtype}; wanted F32, F64, F16 or BF16.");
    }
}
