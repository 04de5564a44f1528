using System.Diagnostics;
using Palimpsest.TestKit;

namespace Palimpsest.Models.Tests;

/// <summary>The remedy for systems whose libstdc++ lacks a version that the native library needs by a marker
/// alone.</summary>
public sealed class TorchRuntimePatchTests : IDisposable
{
    private const string Needed = "GLIBCXX_3.4.32";
    private static readonly byte[] Library = SyntheticElf.Build(["GLIBCXX_3.4.21", Needed], []);

    private readonly TemporaryFolder _folder = new();
    private readonly string _library;
    private readonly string _oldSystem;
    private readonly string _newSystem;

    public TorchRuntimePatchTests()
    {
        _library = Write("libLibTorchSharp.so", Library);
        _oldSystem = Write("old.so", SyntheticElf.Build([], ["GLIBCXX_3.4.21", "GLIBCXX_3.4.30"]));
        _newSystem = Write("new.so", SyntheticElf.Build([], ["GLIBCXX_3.4.21", "GLIBCXX_3.4.30", Needed]));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void On_an_old_system_one_bit_changes_and_a_second_time_nothing_does()
    {
        Assert.True(TorchRuntime.Patch(_library, _oldSystem));
        var after = File.ReadAllBytes(_library);
        var flags = ElfVersionTable.FindNeed(Library, Needed);
        Assert.Equal([flags], Enumerable.Range(0, Library.Length).Where(i => Library[i] != after[i]));
        Assert.Equal(ElfVersionTable.Weak, after[flags] ^ Library[flags]);
        Assert.False(TorchRuntime.Patch(_library, _oldSystem));
        Assert.Equal(after, File.ReadAllBytes(_library));
    }

    [Fact]
    public void On_a_new_system_nothing_changes()
    {
        Assert.False(TorchRuntime.Patch(_library, _newSystem));
        Assert.Equal(Library, File.ReadAllBytes(_library));
    }

    [Fact]
    public void A_library_that_does_not_need_the_version_is_left_alone()
    {
        var other = Write("other.so", SyntheticElf.Build(["GLIBCXX_3.4.21"], []));
        Assert.False(TorchRuntime.Patch(other, _oldSystem));
    }

    [Fact]
    public void The_package_that_the_library_is_linked_to_is_not_touched()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "hard links are made with ln");
        using (var ln = Process.Start("ln", [_library, _folder.File("package.so")]))
            ln.WaitForExit();
        Assert.True(TorchRuntime.Patch(_library, _oldSystem));
        Assert.Equal(Library, File.ReadAllBytes(_folder.File("package.so")));
        Assert.NotEqual(Library, File.ReadAllBytes(_library));
    }

    [Fact]
    public void Time_and_permissions_stay_so_that_a_build_does_not_copy_again()
    {
        var written = new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_library, written);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_library, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.True(TorchRuntime.Patch(_library, _oldSystem));
        Assert.Equal(written, File.GetLastWriteTimeUtc(_library));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(_library));
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public void A_library_that_cannot_be_replaced_is_an_error_of_one_line()
    {
        // No room for the temporary name beside a name of 250 characters, whoever runs the test.
        var stuck = Write(new string('x', 250), Library);
        Refusal.Of(() => TorchRuntime.Patch(stuck, _oldSystem), stuck, Needed, "cannot be patched");
        Assert.Equal(Library, File.ReadAllBytes(stuck));
    }

    [Fact]
    public void The_real_library_needs_the_version_and_this_systems_own_decides()
    {
        var real = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        Assert.SkipUnless(File.Exists(real), "there is no Linux library in the output folder");
        var bytes = File.ReadAllBytes(real);
        var flags = ElfVersionTable.FindNeed(bytes, Needed);
        Assert.True(flags > 0);
        var system = File.ReadLines("/proc/self/maps")
            .Select(line => line[(line.IndexOf('/', StringComparison.Ordinal) + 1)..])
            .First(path => Path.GetFileName(path).StartsWith("libstdc++.so", StringComparison.Ordinal));
        var lacks = !ElfVersionTable.Defines(File.ReadAllBytes("/" + system), Needed);
        Assert.True(
            !lacks || (bytes[flags] & ElfVersionTable.Weak) != 0,
            "this process has loaded it, so it must have been patched"
        );
        bytes[flags] = 0;
        var copy = Write("copy.so", bytes);
        Assert.True(TorchRuntime.Patch(copy, _oldSystem));
        Assert.Equal(lacks, TorchRuntime.Patch(Write("again.so", bytes), "/" + system));
    }

    [Fact]
    public void Native_files_are_links_to_the_restored_package_but_for_the_patched_one()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native");
        Assert.SkipUnless(Directory.Exists(folder), "there is no Linux library in the output folder");
        var packages =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Assert.SkipUnless(
            Directory.Exists(packages) && Stat("%d", packages) == Stat("%d", folder),
            "packages lie on another disk: nothing can be linked"
        );
        foreach (var file in Directory.GetFiles(folder))
        {
            var links = int.Parse(Stat("%h", file), System.Globalization.CultureInfo.InvariantCulture);
            var bytes = Path.GetFileName(file) == "libLibTorchSharp.so" ? File.ReadAllBytes(file) : [];
            var patched =
                bytes.Length > 0 && (bytes[ElfVersionTable.FindNeed(bytes, Needed)] & ElfVersionTable.Weak) != 0;
            Assert.True(patched ? links == 1 : links > 1, $"{file} has {links} links");
        }
    }

    private static string Stat(string what, string path)
    {
        using var process = Process.Start(
            new ProcessStartInfo("stat", ["-c", what, path]) { RedirectStandardOutput = true }
        )!;
        return process.StandardOutput.ReadToEnd().Trim();
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_folder.File(name), content);
        return _folder.File(name);
    }
}
