using ScottPlot;

namespace LowRank.Experiments.Reports.Figures;

/// <summary>Colours and marks that colour-blind readers and grey print tell apart.</summary>
internal static class FigureStyle
{
    // Okabe and Ito's colours; marks tell apart what colours and grey print do not.
    private static readonly string[] Colours =
        ["#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"];

    private static readonly MarkerShape[] Marks =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
        MarkerShape.FilledTriangleDown, MarkerShape.OpenCircle, MarkerShape.OpenSquare, MarkerShape.Cross, MarkerShape.Eks,
    ];

    // Cividis (Nunez, Anderton, Renslow 2018): dark to light in equal steps for every eye and in grey.
    private static readonly string[] Heights = ["#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838"];

    /// <summary>How many styles there are before colours repeat.</summary>
    public static int Count => Colours.Length;

    /// <summary>A colour.</summary>
    /// <param name="index">The place in the figure's legend.</param>
    public static Color Colour(int index) => Color.FromHex(Colours[index % Colours.Length]);

    /// <summary>A mark.</summary>
    /// <param name="index">The place in the figure's legend.</param>
    public static MarkerShape Mark(int index) => Marks[index % Marks.Length];

    /// <summary>A colour for a height.</summary>
    /// <param name="share">0 for the lowest, 1 for the highest.</param>
    public static Color Height(double share)
    {
        var place = Math.Clamp(share, 0, 1) * (Heights.Length - 1);
        var low = Math.Min((int)place, Heights.Length - 2);
        return Color.FromHex(Heights[low]).MixedWith(Color.FromHex(Heights[low + 1]), place - low);
    }
}
