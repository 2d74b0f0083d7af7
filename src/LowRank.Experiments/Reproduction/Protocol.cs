namespace LowRank.Experiments.Reproduction;

/// <summary>A way of training and judging language models.</summary>
public enum Protocol
{
    /// <summary>
    /// As the paper's code did it: rows drawn with replacement, judged by the filtered validation rows at the last step, a
    /// random head that stays as it is, LoRA's random factor on the output side, one constant learning rate for all.
    /// </summary>
    Paper,

    /// <summary>
    /// As one would compare methods: each at the best of several learning rates by validation rows, the head trained, LoRA as
    /// PEFT starts it, the best step by validation rows, test rows that choose nothing, the same rows and head for all.
    /// </summary>
    Fair,
}
