using LowRank.Benchmarks;

// Each study prints its own table. To add one: a file with a static Run(StudyArguments), and a line here.
Study[] studies =
[
    new("full-step", "seconds per gradient step of a full-width dense completion [--size --depth --steps --threads]",
        words => FullStepStudy.Run(new(words))),
    new("gamma", "iterations to tolerance by outer rate, against full and narrow models [--size --seed --threads --full 0|1]",
        words => GammaStudy.Run(new(words))),
    new("completion", "figures 2 and 3: compressed, narrow, full step and default method [--size --rank --trials --ranks 5,11,20]",
        words => CompletionStudy.Run(new(words))),
    new("scale", "time, memory and error from text file to model [--entries --rank --keep FILE]", ScaleStudy.Run),
    new("kernels", "GFLOP/s and bytes/s of the sparse loops against the machine's own [--width --entries]", words => KernelStudy.Run(new(words))),
    new("read-text", "seconds to read a ratings file [--entries]", ReadTextStudy.Run),
    new("step-time", "seconds and memory of a fine-tuning step, four ways", StepTimeStudy.Run),
];

var study = args.Length > 0 ? studies.FirstOrDefault(study => study.Name == args[0]) : null;
if (study is null)
{
    Console.WriteLine("Usage: dotnet run -c Release --project bench/LowRank.Benchmarks -- STUDY [--option number ...]");
    foreach (var known in studies)
    {
        Console.WriteLine($"  {known.Name,-12} {known.Summary}");
    }

    return args.Length == 0 || args[0] is "--help" or "-h" ? 0 : 2;
}

if (!args.Contains("--child"))
{
    Console.WriteLine(StudyArguments.Machine());
}

study.Run(args[1..]);
return 0;
