namespace LowRank.Factorization;

/// <summary>How a gradient becomes a step.</summary>
public enum DescentRule
{
    /// <summary>Plain gradient descent, the theorem's.</summary>
    Plain,

    /// <summary>Heavy ball: the step follows a decaying sum of past gradients.</summary>
    Momentum,

    /// <summary>Adam (Kingma and Ba 2015). Its path depends on the basis of the subspace (theory 4).</summary>
    Adam,
}
