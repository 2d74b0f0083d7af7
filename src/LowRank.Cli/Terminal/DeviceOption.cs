using System.CommandLine;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Cli.Terminal;

/// <summary><c>--device</c>: where a command's model computes.</summary>
/// <remarks>
/// Reading it loads the half of libtorch that the device needs, which must be the first thing a command does with libtorch.
/// </remarks>
internal sealed class DeviceOption
{
    private readonly Option<string?> _device = CommonOptions.Word(
        "--device", "Where the model computes. [default: cpu]", "cpu|cuda|cuda:N");

    public void AddTo(Command command) => command.Add(_device);

    /// <summary>The device of the command line.</summary>
    /// <exception cref="PlatformNotSupportedException">It is not there.</exception>
    public torch.Device Open(ParseResult parsed) => ComputeDevice.Open(parsed.GetValue(_device));

    /// <summary>The device's word for options that keep it, opened already; null for the CPU.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="before">What a configuration says; the command line overrides it.</param>
    /// <exception cref="PlatformNotSupportedException">It is not there.</exception>
    public string? Read(ParseResult parsed, string? before = null)
    {
        var word = ComputeDevice.Parse(parsed.GetValue(_device) ?? before ?? ComputeDevice.Cpu);
        _ = ComputeDevice.Open(word);
        return word == ComputeDevice.Cpu ? null : word;
    }
}
