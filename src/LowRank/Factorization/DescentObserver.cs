namespace LowRank.Factorization;

/// <summary>Watches a descent: a progress line, a recorder, a picture.</summary>
public abstract class DescentObserver
{
    /// <summary>Whether a step should be observed; asked once per step, so keep it cheap.</summary>
    /// <param name="taken">Steps taken so far; 0 is the start.</param>
    /// <returns>True to have <see cref="Observe"/> called.</returns>
    public abstract bool Wants(int taken);

    /// <summary>Looks at the model between two steps.</summary>
    /// <param name="taken">Steps taken so far.</param>
    /// <param name="loss">The loss at this step, finite.</param>
    /// <param name="model">The model, to be read and not changed.</param>
    public abstract void Observe(int taken, double loss, MatrixModel model);
}
