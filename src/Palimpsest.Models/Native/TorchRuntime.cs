namespace Palimpsest.Models;

/// <summary>Makes TorchSharp's native library loadable on systems whose libstdc++ is older than it asks for.</summary>
public static class TorchRuntime
{
    /// <summary>Patches the copy of <c>libLibTorchSharp.so</c> beside the program where needed; a no-op elsewhere.</summary>
    public static void Prepare() => throw new NotImplementedException();
}
