using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary>Examines the machine; never throws, whatever is missing.</summary>
internal static class Doctor
{
    private const string NativeName = "LibTorchSharp";
    private const double LittleMemory = 2;
    private const double LittleDisk = 1;

    public static DoctorFindings Examine()
    {
        var problems = new List<DoctorProblem>();
        var cuda = Cuda(); // first of all: see ComputeDevice
        var (product, libTorch, threads) = TryProduct(problems);
        var native = LoadedNative();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30);
        var disk = new DriveInfo(Path.GetTempPath()).AvailableFreeSpace / (double)(1 << 30);
        if (memory < LittleMemory)
        {
            problems.Add(new(
                FormattableString.Invariant($"{memory:0.0} GiB of memory for this process."),
                "Language models need more; lift the container's limit, or use a smaller model and batch."));
        }

        if (disk < LittleDisk)
        {
            problems.Add(new(
                FormattableString.Invariant($"{disk:0.0} GiB free in {Path.GetTempPath()}."), "Free some space, or set TMPDIR."));
        }

        return new()
        {
            LowRank = Version(typeof(Doctor).Assembly),
            DotNet = $"{Environment.Version} ({RuntimeInformation.RuntimeIdentifier})",
            System = RuntimeInformation.OSDescription,
            TorchSharp = Version(typeof(torch).Assembly),
            LibTorch = libTorch,
            NativeFile = native,
            Mended = native is null ? null : IsMended(native),
            Processor = ProcessorName(),
            VectorInstructions = VectorInstructions(),
            Processors = Environment.ProcessorCount,
            TorchThreads = threads,
            MemoryGiB = Math.Round(memory, 1),
            FreeDiskGiB = Math.Round(disk, 1),
            Cuda = libTorch is null ? "not known" : cuda,
            Product = product ?? "failed",
            Problems = problems,
            Ready = product is not null,
        };
    }

    private static (string? Product, string? LibTorch, int? Threads) TryProduct(List<DoctorProblem> problems)
    {
        try
        {
            using var scope = torch.NewDisposeScope();
            const int Size = 512;
            var ones = torch.ones(Size, Size);
            var sum = ones.mm(ones).sum().ReadNumber<float>();
            var expected = (float)Size * Size * Size;
            if (sum != expected)
            {
                problems.Add(new(
                    string.Create(CultureInfo.InvariantCulture, $"A matrix product gave {sum} instead of {expected}."),
                    "The native library is damaged: delete the artifacts folder and build again."));
                return (null, torch.__version__, torch.get_num_threads());
            }

            var clock = Stopwatch.StartNew();
            const int Repeats = 20;
            for (var i = 0; i < Repeats; i++)
            {
                using var again = ones.mm(ones);
            }

            var rate = 2e-9 * Size * Size * Size * Repeats / clock.Elapsed.TotalSeconds;
            return (
                string.Create(CultureInfo.InvariantCulture, $"right, about {rate:0} GFLOP/s in float32"),
                torch.__version__,
                torch.get_num_threads());
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or NotSupportedException
            or EntryPointNotFoundException or BadImageFormatException or ExternalException)
        {
            problems.Add(new($"The native library does not load: {Innermost(e)}", Remedy(Innermost(e))));
            return (null, null, null);
        }
    }

    private static string Remedy(string message) =>
        message.Contains("GLIBCXX", StringComparison.Ordinal)
            ? "This build was not mended for an old libstdc++: build again from a clone ('dotnet build'), or install "
                + "libstdc++ of GCC 13 or newer."
            : $"Build for this platform ({RuntimeInformation.RuntimeIdentifier}): 'dotnet build', or 'dotnet publish -r RID'. "
                + "Supported are linux-x64, win-x64 and osx-arm64.";

    private static string Innermost(Exception e)
    {
        while (e.InnerException is not null)
        {
            e = e.InnerException;
        }

        return string.Join(' ', e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(3));
    }

    private static string? LoadedNative() =>
        Process.GetCurrentProcess().Modules.Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(file => Path.GetFileName(file).Contains(NativeName, StringComparison.OrdinalIgnoreCase)
                && !file.EndsWith(".exe", StringComparison.OrdinalIgnoreCase));

    // The build makes one undefined symbol weak (see build/MendNative.cs): its entry in .dynsym then says so.
    private static bool? IsMended(string file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var elf = File.ReadAllBytes(file);
        var table = (int)BitConverter.ToInt64(elf, 40);
        int size = BitConverter.ToUInt16(elf, 58), count = BitConverter.ToUInt16(elf, 60);
        for (var i = 0; i < count; i++)
        {
            var header = table + (i * size);
            if (BitConverter.ToInt32(elf, header + 4) != 11)
            {
                continue;
            }

            var offset = (int)BitConverter.ToInt64(elf, header + 24);
            var strings = (int)BitConverter.ToInt64(elf, table + (BitConverter.ToInt32(elf, header + 40) * size) + 24);
            for (var at = offset; at < offset + (int)BitConverter.ToInt64(elf, header + 32); at += 24)
            {
                var name = strings + BitConverter.ToInt32(elf, at);
                var length = Array.IndexOf(elf, (byte)0, name) - name;
                if (Encoding.ASCII.GetString(elf, name, length) == "_ZSt21ios_base_library_initv")
                {
                    return elf[at + 4] >> 4 == 2;
                }
            }
        }

        return null;
    }

    private static string Cuda()
    {
        if (!ComputeDevice.HasCuda())
        {
            return "not in this libtorch (docs/devices.md)";
        }

        try
        {
            var cards = ComputeDevice.CountCards();
            return cards == 0 ? "in this libtorch, but no usable card" : $"{cards} {(cards == 1 ? "card" : "cards")}, for --device cuda";
        }
        catch (NotSupportedException)
        {
            return "not known"; // the native library does not load at all, which TryProduct tells
        }
    }

    private static string ProcessorName()
    {
        const string Info = "/proc/cpuinfo";
        var name = File.Exists(Info)
            ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return name?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string[] VectorInstructions() =>
    [
        .. new (string Name, bool Supported)[]
        {
            ("SSE4.2", Sse42.IsSupported), ("AVX", Avx.IsSupported), ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported),
            ("AVX-512F", Avx512F.IsSupported), ("NEON", System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported),
        }.Where(feature => feature.Supported).Select(feature => feature.Name),
    ];

    private static string Version(Assembly assembly) =>
        (assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString() ?? "not known").Split('+')[0];
}
