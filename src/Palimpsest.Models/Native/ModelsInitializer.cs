using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Palimpsest.Models;

internal static class ModelsInitializer
{
    /// <summary>Makes libtorch loadable before the first tensor of a program that never heard of
    /// <see cref="TorchRuntime"/>.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The native library has to be ready before its first use.")]
    internal static void Prepare()
    {
        try
        {
            TorchRuntime.Prepare();
        }
        catch (InputException)
        {
            // What is thrown here would come wrapped; a program that calls Prepare itself gets the one line.
        }
    }
}
