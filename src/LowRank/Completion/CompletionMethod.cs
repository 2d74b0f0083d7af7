namespace LowRank.Completion;

/// <summary>How a completion is solved: <see cref="VariationalBayes"/> or <see cref="CompressedDescent"/>.</summary>
public abstract record CompletionMethod
{
    private protected CompletionMethod()
    {
    }

    /// <summary>The number format of the inner loops.</summary>
    /// <value>Default <see cref="CompletionPrecision.Automatic"/>.</value>
    public CompletionPrecision Precision { get; init; }

    /// <summary>The short name used on the command line and in reports.</summary>
    public abstract string Name { get; }

    /// <summary>Adds every fault of these options to a list.</summary>
    internal abstract void Validate(List<string> faults);
}
