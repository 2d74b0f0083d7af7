using LowRank.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace LowRank.Transformers.Blocks;

/// <summary>Ordinary TorchSharp layers and their place in a module tree.</summary>
/// <remarks>TorchSharp's usual constructors would draw the weights, slowly, from the process-wide generator.</remarks>
internal static class Layers
{
    /// <summary>A linear layer; weight [outputs, inputs] and bias [outputs] are zeros until loaded or drawn.</summary>
    public static DenseLayer Linear(int inputs, int outputs) => new(inputs, outputs);

    /// <summary>A linear layer without bias; weight [outputs, inputs] is zeros until loaded or drawn.</summary>
    public static DenseLayer Product(int inputs, int outputs) => new(inputs, outputs, hasBias: false);

    /// <summary>An embedding table; weight [count, width], zeros until loaded or drawn.</summary>
    public static Embedding Embedding(int count, int width)
    {
        var embedding = torch.nn.Embedding(1, 1);

        // The setter drops the first table without freeing it, and the getter makes a new object at every read.
        using var first = embedding.get_parameter("weight");
        embedding.weight = Zeros(count, width);
        return embedding;
    }

    /// <summary>A layer norm over the last dimension; weight ones, bias zeros.</summary>
    public static LayerNorm Norm(int width, double epsilon) => torch.nn.LayerNorm(width, epsilon);

    /// <summary>Registers a part under a dotted path, making the modules on the way.</summary>
    /// <remarks>So a layer can be one class although a checkpoint scatters it over five nested modules.</remarks>
    public static void Place(this torch.nn.Module root, string path, torch.nn.Module part)
    {
        var (at, name) = Branches(root, path);
        at.register_module(name, part);
    }

    /// <summary>Registers a parameter under a dotted path, making the modules on the way.</summary>
    public static void PlaceParameter(this torch.nn.Module root, string path, Parameter parameter)
    {
        var (at, name) = Branches(root, path);
        at.register_parameter(name, parameter);
    }

    /// <summary>A parameter of zeros, outside any dispose scope.</summary>
    public static Parameter Zeros(params long[] shape)
    {
        using var scope = torch.NewDisposeScope();
        var parameter = new Parameter(torch.zeros(shape));
        parameter.DetachFromDisposeScope();
        return parameter;
    }

    /// <summary>Moves a model; nothing happens for null or where it is already.</summary>
    /// <remarks>Before adapters, optimizers or frozen layers: moving makes new parameters.</remarks>
    public static void PutOn(this torch.nn.Module model, torch.Device? device)
    {
        if (device is not null && device != model.parameters().First().device)
        {
            _ = model.to(device);
        }
    }

    private static (torch.nn.Module Parent, string Name) Branches(torch.nn.Module root, string path)
    {
        var at = root;
        var names = path.Split('.');
        foreach (var name in names[..^1])
        {
            var next = at.named_children().FirstOrDefault(child => child.name == name).module;
            if (next is null)
            {
                next = new Branch();
                at.register_module(name, next);
            }

            at = next;
        }

        return (at, names[^1]);
    }

    private sealed class Branch() : torch.nn.Module("branch");
}
