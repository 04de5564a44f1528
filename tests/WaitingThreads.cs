using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

internal static class WaitingThreads
{
    private const string Policy = "OMP_WAIT_POLICY";

    /// <summary>
    /// Lets the threads of libtorch sleep while they wait, in this process and in those that it starts: test projects
    /// run side by side, and threads that spin take the cores from the others' work (a third more time on two cores).
    /// </summary>
    [ModuleInitializer]
    internal static void Sleep()
    {
        if (Environment.GetEnvironmentVariable(Policy) is not null)
            return;
        Environment.SetEnvironmentVariable(Policy, "PASSIVE");
        if (!OperatingSystem.IsWindows())
            _ = SetVariable(Policy, "PASSIVE", 0);
    }

    // What the runtime sets is not seen by native code on Unix.
    [DllImport(
        "libc",
        EntryPoint = "setenv",
        CharSet = CharSet.Ansi,
        BestFitMapping = false,
        ThrowOnUnmappableChar = true
    )]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetVariable(string name, string value, int overwrite);
}
