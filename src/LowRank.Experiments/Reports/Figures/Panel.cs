using SkiaSharp;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>One panel of a figure.</summary>
/// <param name="Title">What it shows.</param>
public abstract record Panel(string Title)
{
    /// <summary>Draws it.</summary>
    /// <param name="canvas">The whole figure's canvas; white.</param>
    /// <param name="place">Its own part.</param>
    internal abstract void Draw(SKCanvas canvas, SKRect place);
}
