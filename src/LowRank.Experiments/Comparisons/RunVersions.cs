using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace LowRank.Experiments.Comparisons;

/// <summary>What a run was made with.</summary>
/// <param name="LowRank">The version of this program.</param>
/// <param name="TorchSharp">The version of TorchSharp.</param>
/// <param name="DotNet">The .NET runtime.</param>
/// <param name="System">The operating system and processor type.</param>
/// <param name="Threads">Threads of the tensor library: sums in another order differ in their last digits.</param>
public sealed record RunVersions(string LowRank, string TorchSharp, string DotNet, string System, int Threads)
{
    internal static RunVersions Here() => new(
        VersionOf(typeof(RunVersions)),
        VersionOf(typeof(torch)),
        RuntimeInformation.FrameworkDescription,
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
        torch.get_num_threads());

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
