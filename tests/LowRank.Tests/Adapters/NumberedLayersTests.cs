using LowRank.Adapters;
using LowRank.Tensors;
using LowRank.Testing;
using static TorchSharp.torch;

namespace LowRank.Tests.Adapters;

/// <summary>A choice of layer numbers in PEFT's configuration, on a model whose layers are numbered.</summary>
public sealed class NumberedLayersTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();
    private readonly nn.Module<Tensor, Tensor> _model = nn.Sequential(
        ("layer", nn.Sequential(("0", nn.Linear(6, 6)), ("1", nn.Linear(6, 6)), ("2", nn.Linear(6, 6)))));

    public void Dispose()
    {
        _model.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("[1]", "layer.1")]
    [InlineData("1", "layer.1")]
    [InlineData("[0, 2]", "layer.0", "layer.2")]
    public void Read_LayersToTransform_AdaptsTheseAlone(string numbers, params string[] adapted)
    {
        Write(numbers, adapted);
        using var set = PeftFolder.Read(_scratch.Path, _model);
        Assert.Equal(adapted, set.Adapters.Select(adapter => adapter.Layer.Path));
        using var scope = NewDisposeScope();
        var expected = _model.named_parameters().Select(entry => entry.parameter.detach().clone()).ToList();
        set.Merge();
        foreach (var (before, (name, after)) in expected.Zip(_model.named_parameters()))
        {
            Assert.Equal(adapted.Any(path => name == $"{path}.weight"), !before.Equals(after));
        }
    }

    private void Write(string numbers, string[] adapted)
    {
        File.WriteAllText(_scratch["adapter_config.json"], $$"""
            {
              "peft_type": "LORA", "r": 2, "lora_alpha": 2, "target_modules": ["0", "1", "2"],
              "layers_to_transform": {{numbers}}, "layers_pattern": "layer"
            }
            """);
        using var tensors = new TensorMap();
        foreach (var path in adapted)
        {
            tensors.Add($"base_model.model.{path}.lora_A.weight", ones(2, 6));
            tensors.Add($"base_model.model.{path}.lora_B.weight", ones(6, 2));
        }

        tensors.Save(_scratch[PeftFolder.WeightsName]);
    }
}
