namespace LowRank.Completion;

/// <summary>Where gradient descent begins.</summary>
public enum DescentStart
{
    /// <summary>Outer factors compressed out of the data's first gradient (PAPER 1.3), inner ones epsilon x identity.</summary>
    Compressed,

    /// <summary>
    /// The rival of PAPER 2.3 (e): an ordinary network of the same width with random orthogonal factors, each scaled by
    /// epsilon; the outer factors count as layers, so that depth L has L - 2 inner ones, and all step alike.
    /// </summary>
    Narrow,
}
