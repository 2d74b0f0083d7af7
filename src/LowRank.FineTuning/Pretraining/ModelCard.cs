namespace LowRank.FineTuning.Pretraining;

/// <summary>What the card of a pre-trained model says of its family; texts break into lines as they stand.</summary>
/// <param name="Family">Such as <c>BERT</c>.</param>
/// <param name="Shape">Its size, in a sentence.</param>
/// <param name="Lesson">What it was trained to do.</param>
/// <param name="Rows">What a step's rows are.</param>
/// <param name="Places">Where it was scored.</param>
/// <param name="Tokenizer">The tokenizer's files and what reads them, as two cells of a table.</param>
internal sealed record ModelCard(string Family, string Shape, string Lesson, string Rows, string Places, string Tokenizer);
