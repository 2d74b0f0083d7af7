namespace LowRank.Transformers.Hub;

/// <summary>One step of locating a model or data set, for a progress line.</summary>
/// <param name="Stage">What happens.</param>
/// <param name="File">The file's name in the repository; empty when it concerns none.</param>
/// <param name="Received">Bytes of the file that are here.</param>
/// <param name="Total">Bytes of the whole file; 0 when unknown.</param>
/// <param name="Text">A sentence for people.</param>
public sealed record HubEvent(HubStage Stage, string File, long Received, long Total, string Text);
