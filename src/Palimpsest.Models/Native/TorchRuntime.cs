using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Palimpsest.Models;

/// <summary>Makes TorchSharp's native library loadable on systems whose libstdc++ is older than it asks for.</summary>
/// <remarks>
/// <c>libLibTorchSharp.so</c> needs <c>GLIBCXX_3.4.32</c> for a link-time marker alone. Where the system's libstdc++ stops
/// earlier (Debian 12, Ubuntu 22.04, RHEL 9), the copy beside the program gets that need marked weak.
/// </remarks>
public static class TorchRuntime
{
    private const string Library = "libLibTorchSharp.so";
    private const string NeededVersion = "GLIBCXX_3.4.32";

    /// <summary>Patches the copy of <c>libLibTorchSharp.so</c> beside the program where needed; a no-op elsewhere.</summary>
    /// <exception cref="InputException">The copy needs the patch and cannot be written.</exception>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux() || FindLibrary() is not { } library || FindSystemLibrary() is not { } system)
            return;
        Patch(library, system);
    }

    /// <summary>Marks the need weak in <paramref name="library"/> unless <paramref name="system"/> offers the version.</summary>
    /// <returns>True when the file was changed.</returns>
    internal static bool Patch(string library, string system)
    {
        var bytes = File.ReadAllBytes(library);
        var flags = ElfVersionTable.FindNeed(bytes, NeededVersion);
        if (flags < 0)
            return false;
        var old = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(flags));
        if ((old & ElfVersionTable.Weak) != 0 || ElfVersionTable.Defines(File.ReadAllBytes(system), NeededVersion))
            return false;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(flags), (ushort)(old | ElfVersionTable.Weak));
        Replace(library, bytes);
        return true;
    }

    // A new file under the old name: the restored package that the old name was linked to is not touched, and a second
    // process that patches at the same time renames equal bytes over equal bytes.
    private static void Replace(string library, byte[] bytes)
    {
        var written = File.GetLastWriteTimeUtc(library);
        var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(library);
        var temporary = $"{library}.{Environment.ProcessId}.{Guid.NewGuid():n}.tmp";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.SetLastWriteTimeUtc(temporary, written);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary, mode);
            File.Move(temporary, library, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{library}: needs {NeededVersion}, which this system's libstdc++ lacks, and cannot be patched: {error.Message}", error);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string? FindLibrary()
    {
        var architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var searched = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(
            Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] folders =
        [
            Path.Combine(AppContext.BaseDirectory, "runtimes", $"linux-{architecture}", "native"),
            AppContext.BaseDirectory,
            .. searched,
        ];
        return folders.Select(folder => Path.Combine(folder, Library)).FirstOrDefault(File.Exists);
    }

    // The runtime itself is C++, so the libstdc++ that will serve TorchSharp is already mapped.
    private static string? FindSystemLibrary() =>
        File.ReadLines("/proc/self/maps")
            .Select(line => line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "")
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++.so", StringComparison.Ordinal));
}
