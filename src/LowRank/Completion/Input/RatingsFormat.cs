namespace LowRank.Completion.Input;

/// <summary>The form of a file that holds observed entries.</summary>
public enum RatingsFormat
{
    /// <summary>Known by its first bytes: NPY, PGM, PNG, MatrixMarket, or else delimited text.</summary>
    Auto,

    /// <summary>
    /// One line per entry: row id, column id, value, in named or numbered columns of a delimited text.
    /// </summary>
    Delimited,

    /// <summary>
    /// MatrixMarket coordinate text, real or integer, general or symmetric; ids are the numbers from 1.
    /// </summary>
    MatrixMarket,

    /// <summary>A whole matrix as delimited text; an empty cell, <c>NA</c> or <c>NaN</c> is missing.</summary>
    DenseText,

    /// <summary>A NumPy array file of two dimensions; NaN is missing.</summary>
    Npy,

    /// <summary>A grey image, PGM (P2 or P5); missing pixels come from a mask or a hidden share.</summary>
    Pgm,

    /// <summary>A grey image, PNG; missing pixels come from a mask or a hidden share.</summary>
    Png,
}
