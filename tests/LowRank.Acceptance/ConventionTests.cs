using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace LowRank.Acceptance;

/// <summary>The laws of CONTRIBUTING.md that a machine can check; a failure lists names.</summary>
public sealed class ConventionTests
{
    private const int LongestFile = 400;

    private static readonly Dictionary<string, string[]> References = new()
    {
        ["LowRank"] = [],
        ["LowRank.Transformers"] = ["LowRank"],
        ["LowRank.FineTuning"] = ["LowRank", "LowRank.Transformers"],
        ["LowRank.Experiments"] = ["LowRank", "LowRank.Transformers", "LowRank.FineTuning"],
        ["LowRank.Cli"] = ["LowRank", "LowRank.Transformers", "LowRank.FineTuning", "LowRank.Experiments"],
    };

    public static TheoryData<string> Libraries => [.. References.Keys];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void References_PointRightOnly(string name)
    {
        var own = Assembly.Load(name).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(reference => reference.StartsWith("LowRank", StringComparison.Ordinal));
        Assert.Empty(own.Except(References[name]));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Classes_AreSealedAbstractOrStatic(string name) =>
        Assert.Empty(Assembly.Load(name).GetTypes()
            .Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false }
                && type.GetCustomAttribute<CompilerGeneratedAttribute>() is null
                && type.Name != "Program")
            .Select(type => type.FullName));

    [Theory]
    [MemberData(nameof(Libraries))]
    public void OptionRecords_HaveAValidDefaultInstance(string name)
    {
        foreach (var type in Assembly.Load(name).GetExportedTypes())
        {
            if (!type.Name.EndsWith("Options", StringComparison.Ordinal) || type.GetConstructor(Type.EmptyTypes) is null)
            {
                continue;
            }

            var options = Activator.CreateInstance(type);
            var validate = type.GetMethod("Validate", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, []);
            var fault = Record.Exception(() => validate?.Invoke(options, null));
            Assert.True(fault is null, $"{type.FullName}: {fault?.InnerException?.Message}");
        }
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Results_HoldNoTensors(string name) =>
        Assert.Empty(
            from type in Assembly.Load(name).GetExportedTypes()
            where new[] { "Result", "Report", "Score", "Trace", "Progress" }.Any(end => type.Name.EndsWith(end, StringComparison.Ordinal))
            from property in type.GetProperties()
            where property.PropertyType == typeof(torch.Tensor)
            select $"{type.FullName}.{property.Name}");

    [Fact]
    public void SourceFiles_StayShort() =>
        Assert.Empty(
            from folder in new[] { "src", "tests", "bench" }
            from file in Repository.Sources(folder)
            let lines = File.ReadLines(file).Count()
            where lines > LongestFile
            select $"{Path.GetRelativePath(Repository.Root, file)}: {lines} lines");

    [Fact]
    public void PublicTypes_StandInAFileOfTheirName()
    {
        var files = Repository.Sources("src").Select(Path.GetFileNameWithoutExtension).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(
            from name in References.Keys
            from type in Assembly.Load(name).GetExportedTypes()
            where !type.IsNested && !files.Contains(type.Name.Split('`')[0])
            select type.FullName);
    }

    [Fact]
    public void CompletionAndAdapters_DoNotSeeEachOther()
    {
        foreach (var (room, other) in new[] { ("Completion", "Adapters"), ("Adapters", "Completion") })
        {
            Assert.Empty(
                from file in Repository.Sources(Path.Combine("src", "LowRank", room))
                where File.ReadAllText(file).Contains($"LowRank.{other}", StringComparison.Ordinal)
                select Path.GetFileName(file));
        }
    }
}
