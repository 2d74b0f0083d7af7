using LowRank.Benchmarks;

var studies = new SortedDictionary<string, Action<string[]>>(StringComparer.Ordinal)
{
    ["read-text"] = ReadTextStudy.Run,
    ["step-time"] = StepTimeStudy.Run,
};

if (args.Length == 0 || !studies.TryGetValue(args[0], out var study))
{
    Console.Error.WriteLine($"usage: LowRank.Benchmarks STUDY [options]; studies: {string.Join(", ", studies.Keys)}");
    return 2;
}

study(args[1..]);
return 0;
