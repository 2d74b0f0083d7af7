using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Tests.Training;

/// <summary>A step leaves nothing behind, however many there are.</summary>
public sealed class LiveTensorTests
{
    private const int Steps = 1000;
    private const int Rounds = 100;

    public static TheoryData<string> Names => [.. All.Keys];

    private static Dictionary<string, AdapterOptions> All { get; } = new()
    {
        ["lora"] = new LoraOptions { Rank = 4, Dropout = 0.1 },
        ["lora-plus"] = new LoraOptions { Rank = 4, RateRatioB = 16, UseRsLora = true },
        ["lora-pissa"] = new LoraOptions { Rank = 4, Start = LoraStart.Pissa },
        ["lora-olora"] = new LoraOptions { Rank = 4, Start = LoraStart.Olora },
        ["dora"] = new LoraOptions { Rank = 4, UseDora = true, Dropout = 0.1 },
        ["lora-xs"] = new LoraXsOptions { Rank = 4 },
        ["deep-narrow"] = new DeepLoraOptions { Rank = 4, Form = DeepLoraForm.Narrow, Dropout = 0.1 },
        ["deep-wide"] = new DeepLoraOptions { Form = DeepLoraForm.Wide },
        ["deep-compressed"] = new DeepLoraOptions { Rank = 4 },
        ["head-only"] = new HeadOnlyOptions(),
        ["full"] = new FullOptions(),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_ThousandSteps_KeepsTheNumberOfLiveTensors(string name)
    {
        using var model = new ToyEncoder(Seed.From(7));
        using var set = Attach(model, name);
        var watcher = new LiveTensors();
        var options = new TrainingOptions { Steps = Steps, BatchSize = 8, EvaluateEvery = Steps };
        using var trainer = new Trainer(new ToyTask(model), set, options, [watcher]);
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Steps, watcher.Counts.Count);
        Assert.All(watcher.Counts.Skip(1), count => Assert.Equal(watcher.Counts[0], count));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AttachMergeDetach_HundredRounds_KeepTheNumberOfLiveTensors(string name)
    {
        using var model = new ToyEncoder(Seed.From(7));
        Round(model, name); // The first makes the gradients' places, which stay with the model.
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var round = 0; round < Rounds; round++)
        {
            Round(model, name);
            Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
    }

    private static void Round(ToyEncoder model, string name)
    {
        using var set = Attach(model, name);
        set.Merge();
        set.Unmerge();
        set.Enabled = false;
        set.Enabled = true;
        set.Merge(reversible: false);
        set.Detach();
    }

    private static AdapterSet Attach(ToyEncoder model, string name)
    {
        string[] targets = name == "dora" ? ["query", "dense"] : ["embeddings", "query", "dense"];
        using var ids = ToyEncoder.Ids(Seed.From(9), 12);
        return AdapterSet.Attach(
            model,
            All[name],
            TargetSelector.ByName(targets),
            Seed.From(3),
            ["classifier"],
            [() => nn.functional.cross_entropy(model.call(ids), ids.remainder(3))]);
    }

    private sealed class LiveTensors : TrainingObserver
    {
        public List<long> Counts { get; } = [];

        public override void Observe(TrainingEvent happened)
        {
            if (happened is TrainingEvent.Stepped)
            {
                Counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            }
        }
    }
}
