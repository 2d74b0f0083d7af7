using LowRank.Cli.Terminal;
using LowRank.Transformers.Hub;

namespace LowRank.Cli.Commands;

/// <summary>Shows downloads: a moving line on a terminal, a note for what a reader should know.</summary>
internal sealed class HubProgress(Screen screen) : IProgress<HubEvent>
{
    public void Report(HubEvent value)
    {
        if (value.Stage == HubStage.Cached)
        {
            return;
        }

        if (value.Stage == HubStage.Downloading)
        {
            if (Screen.IsLive)
            {
                Screen.MovingLine(FormattableString.Invariant(
                    $"{value.File}: {value.Received / 1e6:0.0} of {value.Total / 1e6:0.0} MB"));
            }

            return;
        }

        Screen.ClearMovingLine();
        screen.Note(value.Text);
    }
}
