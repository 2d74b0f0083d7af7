using LowRank.Benchmarks;

// Each study prints its own table. To add one: a file with a static Run(StudyArguments), and a line here.
Study[] studies =
[
    new("full-step", "seconds per gradient step of a full-width dense completion [--size --depth --steps --threads]",
        FullStepStudy.Run),
    new("gamma", "iterations to tolerance by outer rate, against full and narrow models [--size --seed --threads --full 0|1]",
        GammaStudy.Run),
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

Console.WriteLine(StudyArguments.Machine());
study.Run(new StudyArguments(args[1..]));
return 0;
