namespace LowRank.FineTuning.Data;

/// <summary>What the labels of a data set are.</summary>
public enum LabelKind
{
    /// <summary>There are none: texts to predict for.</summary>
    None,

    /// <summary>One of a list of classes.</summary>
    Classes,

    /// <summary>A number: regression.</summary>
    Numbers,

    /// <summary>A text: what a model is to write for the row's text, its source.</summary>
    Texts,
}
