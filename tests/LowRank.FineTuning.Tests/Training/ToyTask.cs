using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace LowRank.FineTuning.Tests.Training;

/// <summary>Learn the remainder of an id by 3; every row is one id.</summary>
internal sealed class ToyTask(ToyEncoder model, int rows = 37) : LearningTask
{
    private readonly long[] _ids =
        [.. Enumerable.Range(0, rows).Select(row => (long)(row * 7 % ToyEncoder.Vocabulary))];

    /// <summary>Gives the loss of a step another value, such as NaN.</summary>
    public Func<Tensor, Tensor> Spoil { get; set; } = loss => loss;

    public override int Rows => rows;

    public override string Fingerprint => $"toy/{rows}";

    public override string MainScore => "accuracy";

    public override bool HigherIsBetter => true;

    public int Evaluations { get; private set; }

    public bool Training { get; private set; }

    public override (Tensor Loss, long Tokens) Loss(IReadOnlyList<int> rows, Seed noise)
    {
        var ids = tensor(rows.Select(row => _ids[row]).ToArray());
        return (Spoil(nn.functional.cross_entropy(model.call(ids), ids.remainder(3))), rows.Count);
    }

    public override IReadOnlyList<KeyValuePair<string, double>> Evaluate()
    {
        Evaluations++;
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var ids = arange(ToyEncoder.Vocabulary);
        var logits = model.call(ids);
        return
        [
            new("loss", nn.functional.cross_entropy(logits, ids.remainder(3)).ToDouble()),
            new("accuracy", logits.argmax(1).eq(ids.remainder(3)).to(ScalarType.Float64).mean().ToDouble()),
        ];
    }

    public override void SetTraining(bool training)
    {
        Training = training;
        model.train(training);
    }

    public static AdapterSet Attach(ToyEncoder model, string method) => AdapterSet.Attach(
        model,
        method == "lora"
            ? new LoraOptions { Rank = 4, Dropout = 0.2 }
            : new DeepLoraOptions { Rank = 4, InitialScale = 0.1, Dropout = 0.1, Form = DeepLoraForm.Narrow },
        TargetSelector.ByName("embeddings", "query", "dense"),
        Seed.From(3),
        ["classifier"]);
}
