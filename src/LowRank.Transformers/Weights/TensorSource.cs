using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Transformers.Weights;

/// <summary>Named tensors in one or more files, described at once and read one by one.</summary>
/// <remarks>Not thread-safe, as some formats read from one open stream.</remarks>
public abstract class TensorSource : IDisposable
{
    /// <summary>The file (or the index of several files) that was opened.</summary>
    public abstract string Path { get; }

    /// <summary>All tensors, in the order of the file.</summary>
    public abstract IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>Reads one tensor.</summary>
    /// <param name="name">A name among <see cref="Entries"/>.</param>
    /// <returns>A contiguous CPU tensor in the file's own dtype; the caller (or its dispose scope) owns it.</returns>
    /// <exception cref="InvalidDataException">There is no such tensor, or its data are damaged.</exception>
    public abstract Tensor Read(string name);

    /// <summary>Reads all tensors.</summary>
    /// <returns>The tensors on the CPU in their own dtypes; the caller disposes the map.</returns>
    /// <exception cref="InvalidDataException">A tensor's data are damaged.</exception>
    public TensorMap ReadAll()
    {
        var map = new TensorMap();
        try
        {
            foreach (var entry in Entries)
            {
                map.Add(entry.Name, Read(entry.Name));
            }

            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>Closes the files; tensors already read stay.</summary>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes what the source holds open; called once or more.</summary>
    protected abstract void Close();
}
