using TorchSharp;

namespace LowRank.Transformers.Blocks;

/// <summary>Names of activations in configuration files, and their application.</summary>
internal static class Activations
{
    private static readonly Dictionary<string, Activation> Names = new(StringComparer.Ordinal)
    {
        ["gelu"] = Activation.Gelu,
        ["gelu_new"] = Activation.GeluTanh,
        ["gelu_pytorch_tanh"] = Activation.GeluTanh,
        ["gelu_fast"] = Activation.GeluTanh,
        ["relu"] = Activation.Relu,
        ["silu"] = Activation.Silu,
        ["swish"] = Activation.Silu,
    };

    /// <summary>The names a configuration file may use, for messages.</summary>
    public static string Known { get; } = string.Join(", ", Names.Keys);

    /// <summary>Finds an activation by its name in a configuration file.</summary>
    public static bool TryParse(string name, out Activation activation) => Names.TryGetValue(name, out activation);

    /// <summary>The usual name of an activation in a configuration file.</summary>
    public static string NameOf(Activation activation) => Names.First(name => name.Value == activation).Key;

    /// <summary>Applies the curve to each element; a new tensor of the same shape.</summary>
    public static torch.Tensor Apply(Activation activation, torch.Tensor x) => activation switch
    {
        Activation.Gelu => torch.nn.functional.gelu(x),
        Activation.GeluTanh => torch.nn.functional.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh),
        Activation.Relu => torch.nn.functional.relu(x),
        Activation.Silu => torch.nn.functional.silu(x),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };
}
