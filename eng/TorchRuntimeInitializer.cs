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
        catch (Exception error) when (Cause(error) is { } cause)
        {
            Console.Error.WriteLine(cause.Message);
            Environment.Exit(2);
        }
    }

    // The library prepares itself as it is loaded; what that throws comes wrapped.
    private static InputException? Cause(Exception error) =>
        error as InputException ?? error.InnerException as InputException;
}
