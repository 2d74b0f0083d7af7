namespace LowRank.Experiments.Reports;

/// <summary>A picture that was drawn, as <c>name.png</c> and <c>name.svg</c>.</summary>
/// <param name="Name">The name of its files, without extension.</param>
/// <param name="Caption">What it shows.</param>
/// <param name="Description">What one who cannot see it should know.</param>
internal sealed record ReportPicture(string Name, string Caption, string Description);
