using System.Diagnostics;
using System.Globalization;
using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Blocks;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>
/// The start of Deep LoRA on all 74 dense weights of a BERT-base-shaped model (28,996 words), embedding table included:
/// seconds and peak memory of attaching plain LoRA, the narrow form and the compressed form, then of one step of each.
/// </summary>
internal static class CompressionStudy
{
    private const int BatchSize = 16;
    private const int Rank = 8;

    public static void Run(StudyArguments arguments)
    {
        var seed = Seed.From(7);
        var config = new BertConfig { Labels = ["score"], VocabularySize = 28996 };
        using var model = new BertForSequenceClassification(config);
        model.Initialize(seed.For("model"));
        model.train();
        var lengths = StsbLikeLengths.Batches(seed.For("lengths"), arguments.Integer("--batch", 0) + 1, BatchSize)[^1];
        var drawn = StepData.Draw(lengths, seed);
        var data = drawn with { Ids = Array.ConvertAll(drawn.Ids, row => Array.ConvertAll(row, id => id % 28996)) };
        Console.WriteLine($"{data.Tokens} tokens in {BatchSize} rows, rank {Rank}");
        var wide = new DeepLoraOptions { Form = DeepLoraForm.Wide };
        Console.WriteLine(
            $"{"form",-12} {"parameters",12} {"attach s",9} {"cpu s",7} {"peak MiB",9} {"step peak MiB",14}");
        foreach (var (name, options) in new (string, AdapterOptions)[]
        {
            ("lora", new LoraOptions { Rank = Rank }),
            ("narrow", new DeepLoraOptions { Rank = Rank, Form = DeepLoraForm.Narrow }),
            ("compressed", new DeepLoraOptions { Rank = Rank }),
        })
        {
            Measure(name, options, model, data);
        }

        var layers = TargetSelector.AllDense(config.HiddenSize).Select(model, model.HeadLayers);
        var estimate = MemoryEstimate.Of(wide, layers);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{"wide",-12} {estimate.Parameters,12:N0}   not built: {estimate.Bytes / 1048576.0:F0} MiB to train"));

        // The reference code's factors are as wide as the larger side, and it builds them before it compresses.
        var reference = layers.Sum(layer => ReferenceParameters(Math.Max(layer.Inputs, layer.Outputs), layer));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{"reference",-12} {reference,12:N0}   not built: {reference * 16 / 1048576.0:F0} MiB to train"));
    }

    private static void Measure(string name, AdapterOptions options, BertForSequenceClassification model, StepData data)
    {
        AdapterSet? adapters = null;
        var processor = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var peak = PeakMemory.Of(() => adapters = AdapterSet.Attach(
            model, options, TargetSelector.AllDense(768), Seed.From(11), model.HeadLayers, [() => Loss(model, data)]));
        var seconds = watch.Elapsed.TotalSeconds;
        var cpu = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        using (adapters)
        {
            var step = PeakMemory.Of(() =>
            {
                using var loss = Loss(model, data);
                loss.backward();
            });
            var count = adapters!.CountParameters().Trainable;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-12} {count,12:N0} {seconds,9:F2} {cpu,7:F2} {peak,9:F0} {step,14:F0}"));
        }

        model.zero_grad();
    }

    private static long ReferenceParameters(long width, AdaptedLayer layer) =>
        (width * (layer.Inputs + layer.Outputs)) + (width * width);

    private static torch.Tensor Loss(BertForSequenceClassification model, StepData data)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = TokenBatch.Create(data.Ids, dropout: data.Dropout);
        return torch.nn.functional.mse_loss(model.call(batch).squeeze(1), torch.tensor(data.Targets))
            .MoveToOuterDisposeScope();
    }
}
