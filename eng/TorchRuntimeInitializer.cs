using System.Runtime.CompilerServices;
using Palimpsest.Models;

internal static class TorchRuntimeInitializer
{
    /// <summary>Makes libtorch loadable before any code of this program can touch it.</summary>
    [ModuleInitializer]
    internal static void Prepare() => TorchRuntime.Prepare();
}
