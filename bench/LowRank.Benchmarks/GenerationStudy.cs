using System.Diagnostics;
using System.Globalization;
using LowRank.Tensors;
using LowRank.Transformers.Generation;
using LowRank.Transformers.T5;
using LowRank.Transformers.Tokenization;
using TorchSharp;

namespace LowRank.Benchmarks;

/// <summary>Tokens per second of a T5 of the base shape, with and without the cache.</summary>
/// <remarks>
/// The weights are random, which costs the same as trained ones; each text is held to the full length. The ways take
/// turns, so that a busy machine slows all alike.
/// </remarks>
internal static class GenerationStudy
{
    public static void Run(StudyArguments arguments)
    {
        var (count, length) = (arguments.Integer("--sources", 8), arguments.Integer("--length", 32));
        var repeats = arguments.Integer("--repeats", 3);
        torch.set_num_threads(arguments.Integer("--threads", torch.get_num_threads()));
        Console.WriteLine(StudyArguments.Machine());
        using var model = new T5ForConditionalGeneration(new()
        {
            HiddenSize = 768,
            HeadCount = 12,
            IntermediateSize = 3072,
            EncoderLayerCount = 12,
            DecoderLayerCount = 12,
        });
        model.Initialize(Seed.From(0));
        model.eval();
        var generation = new TextGeneration(model, new UnigramEncoder([("<unk>", 0)]));
        var random = Seed.From(1).Random();
        int[][] sources = [.. Enumerable.Range(0, count)
            .Select(_ => Enumerable.Range(0, random.Next(20, 60)).Select(_ => random.Next(3, 32_000)).ToArray())];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"T5 base, {count} sources of {sources.Average(source => source.Length):F0} tokens in one batch, {length} tokens each, median of {repeats}"));
        Console.WriteLine("beams   tokens/s with cache   without   ratio   same texts");
        foreach (var beams in new[] { 1, 4 })
        {
            var options = new GenerationOptions { MaximumLength = length, MinimumLength = length, Beams = beams, BatchSize = count };
            List<double> with = [], without = [];
            var same = true;
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                var cached = Timed(generation, sources, options, with);
                var plain = Timed(generation, sources, options with { UsesCache = false }, without);
                same &= cached.Zip(plain).All(pair => pair.First.SequenceEqual(pair.Second));
            }

            var (fast, slow) = (StudyArguments.Median(with), StudyArguments.Median(without));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{beams,5} {fast,21:F1} {slow,9:F1} {fast / slow,7:F2}   {same}"));
        }
    }

    private static IReadOnlyList<int[]> Timed(
        TextGeneration generation, int[][] sources, GenerationOptions options, List<double> rates)
    {
        var clock = Stopwatch.StartNew();
        var texts = generation.GenerateIds(sources, options);
        rates.Add(texts.Sum(text => text.Length) / clock.Elapsed.TotalSeconds);
        return texts;
    }
}
