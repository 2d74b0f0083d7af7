namespace LowRank.Testing;

/// <summary>A new, empty folder for one test, gone when the test is done.</summary>
public sealed class ScratchFolder : IDisposable
{
    /// <summary>The folder's full path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("lowrank-").FullName;

    /// <summary>The full path of a file in the folder.</summary>
    /// <param name="name">Relative path.</param>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
