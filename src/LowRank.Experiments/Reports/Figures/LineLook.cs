namespace LowRank.Experiments.Reports.Figures;

/// <summary>How a line is drawn.</summary>
public enum LineLook
{
    /// <summary>A line with a few marks on it; for many points.</summary>
    Line,

    /// <summary>A line with a mark at each point; for few points.</summary>
    MarkedLine,

    /// <summary>Marks alone, for what a line is held against.</summary>
    Marks,
}
