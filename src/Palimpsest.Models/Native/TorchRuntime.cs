using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Palimpsest.Models;

/// <summary>Makes the program's own copy of TorchSharp loadable on older systems, and safe beside other
/// threads.</summary>
/// <remarks>
/// <para><c>libLibTorchSharp.so</c> needs <c>GLIBCXX_3.4.32</c> for a link-time marker alone. Where the system's
/// libstdc++ stops earlier (Debian 12, Ubuntu 22.04, RHEL 9), the copy beside the program gets that need marked
/// weak.</para>
/// <para><c>TorchSharp.dll</c> hands libtorch the address of a number (the <c>0.5</c> of <c>x * 0.5</c>, the hidden
/// factor 1 of <c>x + y</c>) and holds no reference to its owner while libtorch reads it: optimised, a garbage
/// collection that another thread starts frees it too early. The copy beside the program is marked as not to be
/// optimised, so that the arguments of its methods live until they return.</para>
/// </remarks>
public static class TorchRuntime
{
    private const string Library = "libLibTorchSharp.so";
    private const string NeededVersion = "GLIBCXX_3.4.32";

    // Tried once in a process: the system's words name a temporary file, another one at each try.
    private static readonly Lazy<string?> OwnHazard = new(() =>
        Hazard(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll"))
    );

    /// <summary>Patches the copies beside the program where needed; call it before anything of TorchSharp is
    /// touched.</summary>
    /// <exception cref="InputException">
    /// The native library needs its patch to load and cannot be written. A managed one that cannot be written is left
    /// as it is, and <see cref="Notices"/> says so.
    /// </exception>
    public static void Prepare()
    {
        MemoryAllocator.KeepFreedMemory();
        if (OwnHazard.Value is { } hazard)
            Notices.Say(hazard);
        if (!OperatingSystem.IsLinux() || FindLibrary() is not { } library || FindSystemLibrary() is not { } system)
            return;
        Patch(library, system);
    }

    /// <summary>Marks the need weak in <paramref name="library"/> unless <paramref name="system"/> offers the
    /// version.</summary>
    /// <returns>True when the file was changed.</returns>
    /// <exception cref="InputException">The file needs the patch and cannot be written, or cannot be read.</exception>
    internal static bool Patch(string library, string system)
    {
        try
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
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{library}: needs {NeededVersion}, which this system's libstdc++ lacks, and cannot be patched: "
                    + $"{error.Message}",
                error
            );
        }
    }

    /// <summary>Marks a managed library as not to be optimised, unless it is.</summary>
    /// <returns>A line that says what can go wrong where that was not possible, else null.</returns>
    internal static string? Hazard(string library)
    {
        const string Danger =
            "a garbage collection on another thread can free numbers while libtorch reads them: results can be wrong";
        if (!File.Exists(library))
            return $"{library}: is not a file of its own and stays optimised: {Danger}.";
        try
        {
            HoldOperands(library);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"{library}: cannot be marked as not to be optimised ({error.Message}): {Danger}. Run the program "
                + "once as a user who may write there.";
        }
    }

    /// <summary>Marks a managed library as not to be optimised.</summary>
    /// <returns>True when the file was changed.</returns>
    /// <exception cref="IOException">It needs the mark and cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It needs the mark and cannot be written.</exception>
    internal static bool HoldOperands(string library)
    {
        if (!File.Exists(library))
            return false;
        var bytes = File.ReadAllBytes(library);
        var at = DebuggableAttributeBlob.FindModes(bytes);
        if (
            at < 0
            || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)) == (int)DebuggableAttributeBlob.Unoptimized
        )
            return false;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), (int)DebuggableAttributeBlob.Unoptimized);
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
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string? FindLibrary()
    {
        var architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var searched = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(
            Path.PathSeparator,
            StringSplitOptions.RemoveEmptyEntries
        );
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
