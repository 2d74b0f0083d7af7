using System.Text;
using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>Ids as two tensors: all their UTF-8 bytes, and where each id ends.</summary>
internal static class StoredIds
{
    public static void Add(List<TensorData> tensors, string name, IdMap? ids)
    {
        if (ids is null)
        {
            return;
        }

        var bytes = new List<byte>(ids.Count * 8);
        var ends = new int[ids.Count];
        for (var i = 0; i < ids.Count; i++)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(ids[i]));
            ends[i] = bytes.Count;
        }

        tensors.Add(TensorData.Of(name, bytes.ToArray(), bytes.Count));
        tensors.Add(TensorData.Of($"{name}_ends", ends, ends.Length));
    }

    public static IdMap? Read(SafeTensorsFile file, string name, int count)
    {
        if (!file.Contains(name))
        {
            return null;
        }

        var bytes = file.Read<byte>(name);
        var ends = file.Read<int>($"{name}_ends");
        var ids = new string[ends.Length];
        var from = 0;
        for (var i = 0; i < ends.Length; i++)
        {
            if (ends[i] < from || ends[i] > bytes.Length)
            {
                throw Fault(file, name, $"an id that ends at byte {ends[i]} of {bytes.Length}");
            }

            ids[i] = Encoding.UTF8.GetString(bytes, from, ends[i] - from);
            from = ends[i];
        }

        if (ids.Length != count)
        {
            throw Fault(file, name, $"{ids.Length} ids for {count}");
        }

        try
        {
            return new(ids);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"{file.Path}: tensor '{name}': {e.Message}", e);
        }
    }

    private static InvalidDataException Fault(SafeTensorsFile file, string name, string got) =>
        new($"{file.Path}: tensor '{name}': got {got}; wanted whole ids. The file is damaged: fit the model again.");
}
