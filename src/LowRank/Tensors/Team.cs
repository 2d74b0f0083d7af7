using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace LowRank.Tensors;

/// <summary>Loops shared by the threads that libtorch multiplies with.</summary>
/// <remarks>
/// On Linux libtorch's threads are those of GNU OpenMP, which after each of its loops spin for milliseconds in wait of
/// the next: threads of our own would have to share the cores with them. So our loops run on the same ones. Elsewhere,
/// threads of the pool do it. Which thread does which unit is left to chance; units must not depend on it.
/// </remarks>
internal static unsafe class Team
{
    private static readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> Parallel =
        (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)Find();

    /// <summary>Runs a body for each unit.</summary>
    /// <param name="units">The number of units.</param>
    /// <param name="body">Does one unit.</param>
    public static void Run(int units, Action<int> body) => Run(units, () => 0, (unit, _) => body(unit), _ => { });

    /// <summary>Runs a body for each unit; each thread opens scratch of its own, and closes it.</summary>
    /// <param name="units">The number of units.</param>
    /// <param name="open">Makes a thread's scratch.</param>
    /// <param name="body">Does one unit.</param>
    /// <param name="close">Frees a thread's scratch.</param>
    public static void Run<T>(int units, Func<T> open, Action<int, T> body, Action<T> close) =>
        Run(units, torch.get_num_threads(), open, body, close);

    /// <summary>The same on so many threads.</summary>
    internal static void Run<T>(int units, int threads, Func<T> open, Action<int, T> body, Action<T> close)
    {
        var next = -1;
        void Share()
        {
            var unit = Interlocked.Increment(ref next);
            if (unit >= units)
            {
                return; // the others were faster
            }

            var scratch = open();
            try
            {
                for (; unit < units; unit = Interlocked.Increment(ref next))
                {
                    body(unit, scratch);
                }
            }
            finally
            {
                close(scratch);
            }
        }

        threads = Math.Clamp(threads, 1, Math.Max(1, units));
        if (threads == 1)
        {
            Share();
        }
        else if (Parallel is not null)
        {
            OnNativeThreads(Share, threads);
        }
        else
        {
            System.Threading.Tasks.Parallel.For(0, threads, new() { MaxDegreeOfParallelism = threads }, _ => Share());
        }
    }

    private static void OnNativeThreads(Action share, int threads)
    {
        var job = new Job(share);
        var handle = GCHandle.Alloc(job);
        try
        {
            Parallel(&Enter, (void*)GCHandle.ToIntPtr(handle), (uint)threads, 0);
        }
        finally
        {
            handle.Free();
        }

        job.Fault?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void Enter(void* handle)
    {
        var job = (Job)GCHandle.FromIntPtr((nint)handle).Target!;
        try
        {
            job.Share();
        }
#pragma warning disable CA1031 // no exception may enter a native frame; the caller's thread throws it on
        catch (Exception fault)
#pragma warning restore CA1031
        {
            job.Fault ??= ExceptionDispatchInfo.Capture(fault);
        }
    }

    private static nint Find() =>
        OperatingSystem.IsLinux()
        && torch.TryInitializeDeviceType(DeviceType.CPU)
        && NativeLibrary.TryLoad("libtorch_cpu.so", out var library)
        && NativeLibrary.TryGetExport(library, "GOMP_parallel", out var entry)
            ? entry
            : 0;

    private sealed class Job(Action share)
    {
        public Action Share { get; } = share;

        public ExceptionDispatchInfo? Fault { get; set; }
    }
}
