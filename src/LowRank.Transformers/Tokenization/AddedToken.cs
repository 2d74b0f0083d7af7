namespace LowRank.Transformers.Tokenization;

/// <summary>A token that is looked for in the text before anything else, and is never split.</summary>
/// <param name="Content">Its spelling.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsSpecial">Left out by a decoding that skips special tokens.</param>
/// <param name="SingleWord">Matches only where no letter or digit touches it.</param>
/// <param name="TakesLeftSpace">Swallows the white space before it.</param>
/// <param name="TakesRightSpace">Swallows the white space after it.</param>
/// <param name="Normalized">Is looked for in the normalised text instead of the raw one.</param>
internal sealed record AddedToken(
    string Content,
    int Id,
    bool IsSpecial = true,
    bool SingleWord = false,
    bool TakesLeftSpace = false,
    bool TakesRightSpace = false,
    bool Normalized = false);
