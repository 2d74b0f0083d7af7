using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace LowRank.Tensors;

/// <summary>Where models compute: <c>cpu</c>, or a graphics card as <c>cuda</c> or <c>cuda:1</c>.</summary>
/// <remarks>
/// libtorch must be told of CUDA before the first tensor is made: its processor half alone may not find the other half
/// later. So a program calls <see cref="Open"/> before anything else that computes; docs/devices.md has the rest.
/// </remarks>
public static class ComputeDevice
{
    /// <summary>The word for the processor, the default everywhere.</summary>
    public const string Cpu = "cpu";

    /// <summary>The word for the first card.</summary>
    public const string Cuda = "cuda";

    private const string CudaLibrary = "torch_cuda";

    /// <summary>Reads a word for a device.</summary>
    /// <param name="text"><c>cpu</c>, <c>cuda</c>, or <c>cuda:</c> and a card's number from 0.</param>
    /// <returns>The word in its one spelling: <c>cuda</c> for <c>cuda:0</c>.</returns>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static string Parse(string text)
    {
        var word = Check.NotNull(text).Trim().ToLowerInvariant();
        return word is Cpu or Cuda ? word
            : NumberIn(word) is { } number ? NameOf(number)
            : throw new ArgumentException($"device: got '{text}'; wanted cpu, cuda, or cuda:N with a card's number, such as cuda:1.");
    }

    /// <summary>Loads the half of libtorch that a device needs, and finds the device.</summary>
    /// <param name="name">As <see cref="Parse"/> reads it; null for the processor.</param>
    /// <returns>The device, for models and tensors.</returns>
    /// <exception cref="ArgumentException">The name is no device's.</exception>
    /// <exception cref="PlatformNotSupportedException">
    /// There is no such device here: this libtorch has no CUDA, or no card is usable, or there are fewer.
    /// </exception>
    public static torch.Device Open(string? name = null)
    {
        var word = Parse(name ?? Cpu);
        if (word == Cpu)
        {
            torch.InitializeDeviceType(DeviceType.CPU);
            return torch.CPU;
        }

        var number = NumberIn(word) ?? 0;
        var count = CountCards();
        if (count == 0)
        {
            throw new PlatformNotSupportedException(HasCuda()
                ? $"device {word}: got a libtorch with CUDA but no usable card; wanted one. See whether nvidia-smi shows it, or compute on the cpu."
                : $"device {word}: got a libtorch without CUDA; wanted one with it. Build with '-p:LibTorch=cuda' (docs/devices.md), or compute on the cpu; "
                    + "'lowrank doctor' shows what there is.");
        }

        return number < count
            ? new torch.Device(DeviceType.CUDA, number)
            : throw new PlatformNotSupportedException(
                $"device {word}: got {count} {(count == 1 ? "card" : "cards")}; wanted a number below {count}.");
    }

    /// <summary>The cards that libtorch can use.</summary>
    /// <returns>How many; 0 where libtorch has no CUDA or there is no card.</returns>
    public static int CountCards() =>
        HasCuda() && torch.TryInitializeDeviceType(DeviceType.CUDA) ? torch.cuda.device_count() : 0;

    /// <summary>Whether the program's libtorch has its CUDA half, be there a card or not.</summary>
    /// <returns>True where it loads.</returns>
    public static bool HasCuda() => NativeLibrary.TryLoad(CudaLibrary, typeof(torch).Assembly, null, out _);

    private static string NameOf(int number) => number == 0 ? Cuda : string.Create(CultureInfo.InvariantCulture, $"{Cuda}:{number}");

    private static int? NumberIn(string word) =>
        word.StartsWith($"{Cuda}:", StringComparison.Ordinal)
            && int.TryParse(word.AsSpan(Cuda.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
