using System.Runtime.CompilerServices;
using Palimpsest.Foundation;
using Palimpsest.Models;

internal static class TorchRuntimeInitializer
{
    /// <summary>Makes libtorch loadable before any code of this program can touch it; without it the program ends with
    /// one line.</summary>
    [ModuleInitializer]
    internal static void Prepare()
    {
        Notices.Raised += Console.Error.WriteLine;
        try
        {
            TorchRuntime.Prepare();
        }
        catch (InputException error)
        {
            Console.Error.WriteLine(error.Message);
            Environment.Exit(2);
        }
    }
}
