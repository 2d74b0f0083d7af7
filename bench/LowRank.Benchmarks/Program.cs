using LowRank.Benchmarks;

// Each study prints its own table. To add one: a file with a static Run(string[] args), and a line here.
Study[] studies =
[
    new("full-step", "one gradient step of a full-width dense completion [--size --depth --steps --threads]",
        FullStepStudy.Run),
    new("gamma", "iterations by outer rate, against full and narrow models [--size --seed --threads --full 0|1]",
        GammaStudy.Run),
    new("completion", "the paper's completion runs: compressed, narrow, default, full step [--size --rank --trials --ranks 5,11,20]",
        CompletionStudy.Run),
    new("scale", "from text file to model: seconds, peak memory, error [--entries 1000000,10000000 --rank]",
        ScaleStudy.Run),
    new("kernels", "GFLOP/s and GB/s of the sparse loops against the machine's own [--entries]",
        KernelStudy.Run),
    new("read-text", "ratings from text: seconds, lines per second, peak memory [--lines --repeat --keep]",
        ReadTextStudy.Run),
    new("step", "seconds per LoRA step of BERT-base: padded, factors, packed, floor [--batches --repeats --threads]",
        StepTimeStudy.Run),
    new("t5-step", "seconds per step of T5-base on E2E-like pairs: padded and dense, packed [--batches --rows --repeats --threads]",
        words => T5StepStudy.Run(new(words))),
    new("sample-world", "what word counts alone score on the sample world [--test --seeds]", SampleStudy.Run),
    new("compression", "the start of Deep LoRA on BERT-base: seconds and peak memory [--batch]",
        words => CompressionStudy.Run(new(words))),
    new("kill", "kill -9 at random points of a run, resume, compare every byte [--kills --adapter --steps --save-every --seed]",
        KillStudy.Run),
    new("bert-folder", "writes a model folder of BERT-base's shape with random weights [--vocab FILE --out DIR --layers]",
        BertFolderStudy.Run),
    new("generation", "tokens per second of T5-base with and without the cache [--sources --length --repeats --threads]",
        words => GenerationStudy.Run(new(words))),
    new("checkpointing", "a LoRA step on long texts, activations kept or computed again [--rows --length --repeats]",
        words => CheckpointingStudy.Run(new(words))),
];

var study = args.Length > 0 ? studies.FirstOrDefault(study => study.Name == args[0]) : null;
if (study is not null)
{
    study.Run(args[1..]);
    return 0;
}

Console.WriteLine("usage: dotnet run -c Release --project bench/LowRank.Benchmarks -- STUDY [--option value ...]");
foreach (var known in studies)
{
    Console.WriteLine($"  {known.Name,-14} {known.Summary}");
}

return args.Length == 0 || args[0] is "--help" or "-h" ? 0 : 2;
