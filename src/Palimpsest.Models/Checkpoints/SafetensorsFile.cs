namespace Palimpsest.Models;

/// <summary>A safetensors file, read as hostile input: every size and offset is checked before anything is allocated.</summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InputException">The header is not valid.</exception>
    public static SafetensorsFile Open(string path) => throw new NotImplementedException();

    /// <summary>The tensors' names, in the order of their data.</summary>
    public IReadOnlyList<string> Names => throw new NotImplementedException();

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => throw new NotImplementedException();

    /// <summary>Shape of a tensor.</summary>
    public IReadOnlyList<long> Shape(string name) => throw new NotImplementedException();

    /// <summary>Type of a tensor.</summary>
    public ScalarType Type(string name) => throw new NotImplementedException();

    /// <summary>Reads a tensor in its own type; the caller disposes it.</summary>
    public Tensor Read(string name) => throw new NotImplementedException();

    /// <summary>Writes tensors under a temporary name, flushes and renames.</summary>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
