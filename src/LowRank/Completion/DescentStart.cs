namespace LowRank.Completion;

/// <summary>Where gradient descent begins.</summary>
public enum DescentStart
{
    /// <summary>Outer factors compressed out of the data's first gradient (docs/theory.md, 3), inner ones epsilon x identity.</summary>
    Compressed,

    /// <summary>
    /// The rival that the paper compares with: an ordinary network of the same width with random orthogonal factors, each scaled by
    /// epsilon; the outer factors count as layers, so that depth L has L - 2 inner ones, and all step alike.
    /// </summary>
    Narrow,
}
