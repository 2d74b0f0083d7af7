using System.Globalization;
using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.T5;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>
/// One training step of a T5-base-shaped model on E2E-like pairs, the paper's 193 layers at rank 8, interleaved on the
/// same batches: (a) padded to 64 with dense updates (the way of the paper's code), ours packed with (c) LoRA, (e) Deep
/// LoRA compressed, (f) Deep LoRA narrow.
/// </summary>
internal static class T5StepStudy
{
    private const int Length = 64;
    private const int Rank = 8;

    // Leaves out the tables of relative positions, as the paper's threshold does.
    private const int LeastSide = 512;

    /// <summary>Options: --batches 3, --rows 16, --repeats 3, --dropout 0, --threads (torch's own), --ways acef, --layers 12.</summary>
    public static void Run(StudyArguments arguments)
    {
        Console.WriteLine(StudyArguments.Machine());
        torch.set_num_threads(arguments.Integer("--threads", torch.get_num_threads()));
        var (layers, dropout) = (arguments.Integer("--layers", 12), arguments.Number("--dropout", 0));
        using var model = new T5ForConditionalGeneration(new()
        {
            HiddenSize = 768,
            HeadCount = 12,
            IntermediateSize = 3072,
            EncoderLayerCount = layers,
            DecoderLayerCount = layers,
            DropoutRate = dropout,
        });
        model.Initialize(Seed.From(0));
        foreach (var parameter in model.parameters())
        {
            _ = parameter.requires_grad_(false);
        }

        var rows = arguments.Integer("--rows", 16);
        var data = Enumerable.Range(0, arguments.Integer("--batches", 3))
            .Select(batch => PairData.Draw(rows, Seed.From(7).For(batch)))
            .ToArray();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{data.Length} batches of {rows} pairs: mean {data.Average(batch => (double)batch.Tokens / rows):F1} tokens of {2 * Length}, dropout {dropout}"));
        model.eval();
        Compare(model, data[0]);
        model.train();
        var ways = arguments.Text("--ways", "acef").Select(letter => Way(letter, model, dropout, data[0])).ToArray();
        StepTable.Print(ways, data, arguments.Integer("--repeats", 3));
        Array.ForEach(ways, way => way.Dispose());
    }

    // Both ways must compute one thing: at the start no update changes the loss.
    private static void Compare(T5ForConditionalGeneration model, PairData data)
    {
        using var frozen = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var padded = new PaddedPairStep("a", model, Layers(), Length, Rank, dropout: 0);
        using var batch = SourceTargetBatch.Create(data.Sources, data.Targets, model.Config.StartTokenId, dropout: data.Dropout);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"loss of the first batch: padded {padded.Loss(data).ToDouble():F5}, packed {model.Loss(batch).ToDouble():F5}"));
    }

    private static TimedStep<PairData> Way(char letter, T5ForConditionalGeneration model, double dropout, PairData first) => letter switch
    {
        'a' => new PaddedPairStep("a: padded to 64, dense", model, Layers(), Length, Rank, dropout),
        'c' => new PackedPairStep("c: packed, LoRA (ours)", model, new LoraOptions { Rank = Rank }, Layers(), first),
        'e' => new PackedPairStep("e: packed, Deep LoRA (ours)", model, new DeepLoraOptions { Rank = Rank }, Layers(), first),
        'f' => new PackedPairStep(
            "f: packed, narrow Deep LoRA", model, new DeepLoraOptions { Rank = Rank, Form = DeepLoraForm.Narrow }, Layers(), first),
        _ => throw new ArgumentException($"--ways: got '{letter}'; wanted letters of acef."),
    };

    private static TargetSelector Layers() => TargetSelector.AllDense(LeastSide);
}
