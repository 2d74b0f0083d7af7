using LowRank.Tensors;

namespace LowRank.Transformers.Weights;

/// <summary>The functions and types that a checkpoint's pickle may name, and what they build.</summary>
internal static class PickledGlobals
{
    private const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    private const string RebuildParameter = "torch._utils._rebuild_parameter";
    private const string OrderedDictionary = "collections.OrderedDict";

    private static readonly Dictionary<string, TensorDtype> Storages = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = TensorDtype.F64,
        ["torch.FloatStorage"] = TensorDtype.F32,
        ["torch.HalfStorage"] = TensorDtype.F16,
        ["torch.BFloat16Storage"] = TensorDtype.BF16,
        ["torch.LongStorage"] = TensorDtype.I64,
        ["torch.IntStorage"] = TensorDtype.I32,
        ["torch.ShortStorage"] = TensorDtype.I16,
        ["torch.CharStorage"] = TensorDtype.I8,
        ["torch.ByteStorage"] = TensorDtype.U8,
        ["torch.BoolStorage"] = TensorDtype.Bool,
    };

    /// <summary>Looks a global up; one not expected in a checkpoint is refused, since it could be any code.</summary>
    public static PickledValue.Global Find(string module, string name, string where)
    {
        var full = $"{module}.{name}";
        return full is RebuildTensor or RebuildParameter or OrderedDictionary || Storages.ContainsKey(full)
            ? new(full)
            : throw new InvalidDataException(
                $"{where}: got a reference to '{full}'; wanted tensors, their storages and containers only, since " +
                "anything else in a pickle can run code. Save the state_dict alone, best as model.safetensors.");
    }

    /// <summary>The storage that a persistent id names: ('storage', type, key, location, count).</summary>
    public static PickledValue.Storage Storage(PickledValue.Sequence id, string where) =>
        id.Items is [PickledValue.Text("storage"), PickledValue.Global type, PickledValue.Text key, _,
            PickledValue.Number { Value: >= 0 } count] && Storages.TryGetValue(type.Name, out var dtype)
            ? new(key.Value, dtype, count.Value)
            : throw Refuse(where, "a persistent id of another form", "('storage', type, key, location, count)");

    /// <summary>Applies one of the known functions.</summary>
    public static PickledValue Call(PickledValue.Global function, PickledValue.Sequence arguments, string where) =>
        (function.Name, arguments.Items) switch
        {
            (OrderedDictionary, []) => new PickledValue.Table([]),
            (OrderedDictionary, [PickledValue.Sequence pairs]) => Table(pairs, where),
            (RebuildParameter, [PickledValue.Tensor data, ..]) => data,
            (RebuildTensor, [PickledValue.Storage storage, PickledValue.Number offset, PickledValue.Sequence shape,
                PickledValue.Sequence strides, ..]) =>
                Tensor(storage, offset.Value, Numbers(shape, where), Numbers(strides, where), where),
            _ => throw Refuse(where, $"a call of '{function.Name}' with unknown arguments", "those torch.save writes"),
        };

    /// <summary>The error of a pickle that is not what torch.save writes.</summary>
    public static InvalidDataException Refuse(string where, string got, string wanted) =>
        new($"{where}: got {got}; wanted {wanted}. The file is damaged or no state_dict: fetch or save it again.");

    private static PickledValue.Table Table(PickledValue.Sequence pairs, string where) =>
        new([.. pairs.Items.Select(pair => pair is PickledValue.Sequence { Items: [var key, var value] }
            ? (key, value)
            : throw Refuse(where, "an ordered dictionary of other things than pairs", "pairs"))]);

    private static long[] Numbers(PickledValue.Sequence items, string where) =>
        [.. items.Items.Select(item => item is PickledValue.Number { Value: >= 0 } number
            ? number.Value
            : throw Refuse(where, $"a {item.Kind} in a tensor's shape or strides", "whole numbers >= 0"))];

    private static PickledValue.Tensor Tensor(
        PickledValue.Storage storage, long offset, long[] shape, long[] strides, string where)
    {
        var count = shape.Aggregate((Int128)1, (product, length) => Int128.Min(product * length, long.MaxValue));
        var last = (Int128)offset;
        for (var i = 0; i < shape.Length && i < strides.Length; i++)
        {
            last += (Int128)(shape[i] - 1) * strides[i];
        }

        // A tensor may not repeat its numbers: a few bytes would grow into any amount of memory.
        var fits = shape.Length == strides.Length && offset >= 0 && count <= storage.Count
            && (count == 0 || last < storage.Count);
        return fits
            ? new(storage, offset, shape, strides)
            : throw Refuse(
                where,
                $"a tensor of [{string.Join(", ", shape)}] with strides [{string.Join(", ", strides)}] at {offset}",
                $"one within its storage '{storage.Key}' of {storage.Count} elements");
    }
}
