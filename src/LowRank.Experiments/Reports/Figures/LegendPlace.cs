namespace LowRank.Experiments.Reports.Figures;

/// <summary>Where a panel's legend is.</summary>
public enum LegendPlace
{
    /// <summary>In the upper right corner.</summary>
    UpperRight,

    /// <summary>In the upper left corner.</summary>
    UpperLeft,

    /// <summary>In the lower right corner.</summary>
    LowerRight,

    /// <summary>In the lower left corner.</summary>
    LowerLeft,

    /// <summary>Halfway up on the right.</summary>
    MiddleRight,

    /// <summary>Halfway up on the left.</summary>
    MiddleLeft,

    /// <summary>Below the axes: for many lines.</summary>
    Below,

    /// <summary>Nowhere: for one line.</summary>
    None,
}
