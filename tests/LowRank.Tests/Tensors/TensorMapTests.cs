using LowRank.Tensors;
using LowRank.Testing;
using TorchSharp;

namespace LowRank.Tests.Tensors;

public sealed class TensorMapTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void SaveThenLoad_EveryDtype_IsExact()
    {
        using var map = new TensorMap();
        foreach (var dtype in Enum.GetValues<TensorDtype>())
        {
            map.Add($"t.{dtype}", torch.arange(6).view(2, 3).remainder(2).to_type(dtype.ToScalarType()));
        }

        map.Add("scalar", torch.tensor(3.5));
        map.Add("empty", torch.zeros(0, 4));
        map.Metadata["format"] = "pt";
        map.Save(_folder["m"]);

        using var back = TensorMap.Load(_folder["m"]);
        Assert.Equal(map.Count, back.Count);
        Assert.Equal("pt", back.Metadata["format"]);
        foreach (var (name, tensor) in map)
        {
            Assert.Equal(tensor.dtype, back[name].dtype);
            Assert.Equal(tensor.shape, back[name].shape);
            Assert.True(tensor.eq(back[name]).all().item<bool>(), name);
        }
    }

    [Fact]
    public void Save_TransposedParameter_WritesItRowByRow()
    {
        using var map = new TensorMap();
        map.Add("w", torch.arange(6, torch.float32).view(2, 3).t().requires_grad_());
        map.Save(_folder["m"]);
        using var file = SafeTensorsFile.Open(_folder["m"]);
        Assert.Equal([3L, 2L], file.Entry("w").Shape);
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], file.Read<float>("w"));
    }

    [Fact]
    public void SaveAndLoad_LeaveNoTensorBehind()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (var map = new TensorMap())
        {
            map.Add("w", torch.ones(3, 2));
            map.Save(_folder["m"]);
        }

        TensorMap.Load(_folder["m"]).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Add_InsideAScope_SurvivesTheScope()
    {
        using var map = new TensorMap();
        using (torch.NewDisposeScope())
        {
            map.Add("w", torch.ones(2));
        }

        Assert.Equal(2f, map["w"].sum().item<float>());
    }

    [Fact]
    public void Load_DamagedBoolean_DisposesWhatWasRead()
    {
        var header = """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"m":{"dtype":"BOOL","shape":[1],"data_offsets":[1,2]}}""";
        File.WriteAllBytes(_folder["m"], RawSafeTensors.Bytes(header, [5, 5]));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Throws<InvalidDataException>(() => TensorMap.Load(_folder["m"]));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Names_KeepTheOrderOfAdding_AndTakeGivesOwnershipAway()
    {
        var map = new TensorMap();
        map.Add("z", torch.ones(1));
        map.Add("a", torch.ones(1));
        Assert.Equal(["z", "a"], map.Names);
        var taken = map.Take("z");
        map.Dispose();
        Assert.False(taken.IsInvalid);
        Assert.Equal(0, map.Count);
        taken.Dispose();
    }

    [Fact]
    public void Add_NameTwice_IsRefused()
    {
        using var map = new TensorMap();
        map.Add("w", torch.ones(1));
        using var second = torch.ones(1);
        var e = Assert.Throws<ArgumentException>(() => map.Add("w", second));
        Assert.StartsWith("tensor 'w': got the name twice; wanted it once.", e.Message, StringComparison.Ordinal);
        Assert.Throws<KeyNotFoundException>(() => map["v"]);
        Assert.True(map.Contains("w"));
    }

    [Fact]
    public void Fill_InManyParts_CoversEveryByteOnce()
    {
        using var tensor = torch.empty(5, 3, torch.int64);
        var starts = new List<(long, int)>();
        TensorBytes.Fill(
            tensor,
            (start, bytes) =>
            {
                starts.Add((start, bytes.Length));
                bytes.Fill(1);
            },
            partBytes: 32);
        Assert.Equal([(0L, 32), (32L, 32), (64L, 32), (96L, 24)], starts);
        Assert.True(tensor.eq(0x0101010101010101).all().item<bool>());
    }

    [Fact]
    public void Of_ComplexTensor_IsRefused()
    {
        using var tensor = torch.zeros(2, torch.complex64);
        var e = Assert.Throws<ArgumentException>(() => TensorData.Of("c", tensor));
        Assert.StartsWith("type: got ComplexFloat32, which tensor files cannot hold", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
