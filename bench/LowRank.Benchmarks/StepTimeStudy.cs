using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>
/// One LoRA training step (rank 8, every linear layer) of a BERT-base-shaped model, four ways, interleaved on the same
/// batches of sentences with lengths like STS-B's: (a) padded to 128 with dense updates (the way of the paper's code),
/// (b) padded to the longest with factors (PEFT's way), (c) packed (ours), (d) the floor: the frozen products of the
/// real tokens, forward and input gradient, nothing else; and ours with Deep LoRA, (e) compressed and (f) narrow.
/// </summary>
internal static class StepTimeStudy
{
    private const int BatchSize = 16;
    private const int Rank = 8;

    /// <summary>Options: --batches 6, --repeats 3, --dropout 0, --threads (torch's own), --ways abcefd.</summary>
    public static void Run(string[] args)
    {
        var arguments = new StudyArguments(args);
        Console.WriteLine(StudyArguments.Machine());
        torch.set_num_threads(arguments.Integer("--threads", torch.get_num_threads()));
        var dropout = arguments.Number("--dropout", 0);
        var seed = Seed.From(7);
        var config = new BertConfig
        {
            Labels = ["score"],
            HiddenDropout = dropout,
            AttentionDropout = dropout,
            HeadDropout = dropout,
        };
        using var model = new BertForSequenceClassification(config);
        model.Initialize(seed.For("model"));
        model.train();
        foreach (var parameter in model.parameters())
        {
            _ = parameter.requires_grad_(false);
        }

        var rows = StsbLikeLengths.Batches(seed.For("lengths"), arguments.Integer("--batches", 6), BatchSize);
        Console.WriteLine(StsbLikeLengths.Describe(rows));
        var data = Array.ConvertAll(rows, lengths => StepData.Draw(lengths, seed));
        var ways = arguments.Text("--ways", "abcefd").Select(letter => Way(letter, model, dropout, data[0])).ToArray();
        StepTable.Print(ways, data, arguments.Integer("--repeats", 3));
        Array.ForEach(ways, way => way.Dispose());
    }

    private static StepWay Way(char letter, BertForSequenceClassification model, double dropout, StepData first) => letter switch
    {
        'a' => new PaddedStep("a: padded to 128, dense", model, 128, dense: true, Rank, dropout),
        'b' => new PaddedStep("b: padded to longest, factors", model, 0, dense: false, Rank, dropout),
        'c' => new PackedStep("c: packed, LoRA (ours)", model, new LoraOptions { Rank = Rank }, first),
        'e' => new PackedStep("e: packed, Deep LoRA (ours)", model, new DeepLoraOptions { Rank = Rank }, first),
        'f' => new PackedStep(
            "f: packed, narrow Deep LoRA", model, new DeepLoraOptions { Rank = Rank, Form = DeepLoraForm.Narrow }, first),
        'd' => new FloorStep("d: floor, frozen products", model),
        _ => throw new ArgumentException($"--ways: got '{letter}'; wanted letters of abcdef."),
    };
}
