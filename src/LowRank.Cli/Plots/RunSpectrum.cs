using LowRank.Adapters;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.FineTuning.Training;

namespace LowRank.Cli.Plots;

/// <summary>Draws the singular values of a run's updates into its folder when it ends.</summary>
internal sealed class RunSpectrum(RunFolder folder, AdapterSet adapters, Screen screen) : TrainingObserver
{
    public override void Observe(TrainingEvent happened)
    {
        if (happened is not TrainingEvent.Finished { Result.Steps: > 0 } || adapters.Adapters.Count == 0)
        {
            return;
        }

        try
        {
            var layers = AdapterSpectrum.Of(adapters);
            SpectrumPlot.Write(folder.SpectrumFile, layers);
            SpectrumPlot.Write(folder.SpectrumDrawing, layers);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or InvalidOperationException)
        {
            screen.Note($"The spectrum could not be drawn ({e.Message}); 'lowrank inspect {folder.Path}' has its numbers.");
        }
    }
}
