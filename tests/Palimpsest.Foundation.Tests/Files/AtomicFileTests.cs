using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_write_that_fails_midway_leaves_the_old_content_and_nothing_else()
    {
        var path = _folder.File("a.txt");
        AtomicFile.WriteText(path, "old");
        Refusal.Of(
            () =>
                AtomicFile.Write(
                    path,
                    stream =>
                    {
                        stream.Write(new byte[5000]);
                        throw new IOException("No space left on device");
                    }
                ),
            path,
            "No space left"
        );
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_an_error_of_one_line()
    {
        File.WriteAllText(_folder.File("file"), "x");
        Refusal.Of(
            () => AtomicFile.WriteText(_folder.File("file", "below"), "y"),
            _folder.File("file", "below"),
            "cannot be written"
        );
        Refusal.Of(() => AtomicFile.WriteText(_folder.Path, "y"), _folder.Path, "cannot be written");
        Refusal.Of(() => LockFile.Take(_folder.File("file", "below")).Dispose(), "below", "cannot be written");
        Refusal.Of(() => AtomicFolder.Write(_folder.File("file", "below"), _ => { }), "below", "cannot be written");
    }

    [Fact]
    public void A_folder_appears_whole_or_not_at_all()
    {
        var target = _folder.File("model");
        Refusal.Of(
            () =>
                AtomicFolder.Write(
                    target,
                    folder =>
                    {
                        AtomicFile.WriteText(Path.Combine(folder, "a"), "new");
                        throw new IOException("No space left on device");
                    }
                ),
            target,
            "No space left"
        );
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        AtomicFolder.Write(target, folder => AtomicFile.WriteText(Path.Combine(folder, "below", "a"), "new"));
        Assert.Equal("new", File.ReadAllText(Path.Combine(target, "below", "a")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void In_a_folder_that_is_there_files_are_replaced_and_others_stay()
    {
        var target = _folder.File("model");
        AtomicFolder.Write(target, folder => AtomicFile.WriteText(Path.Combine(folder, "a"), "old"));
        AtomicFile.WriteText(Path.Combine(target, "mine"), "stays");
        var line = Refusal.Of(
            () =>
                AtomicFolder.Write(
                    target,
                    folder =>
                    {
                        AtomicFile.WriteText(Path.Combine(folder, "a"), "new");
                        throw new InputException($"{Path.Combine(folder, "b")}: cannot be written: full");
                    }
                ),
            Path.Combine(target, "b")
        );
        Assert.DoesNotContain(".tmp", line, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Path.Combine(target, "a")));
        AtomicFile.WriteText(Path.Combine(target, "part-2.bin"), "of the old one");
        AtomicFolder.Write(target, folder => AtomicFile.WriteText(Path.Combine(folder, "a"), "new"), "a", "part-*.bin");
        Assert.Equal("new", File.ReadAllText(Path.Combine(target, "a")));
        Assert.False(File.Exists(Path.Combine(target, "part-2.bin")));
        Assert.Equal("stays", File.ReadAllText(Path.Combine(target, "mine")));
        Assert.Single(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_there_is_replaced_in_one_step(bool wholeFolder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux tells a file that was removed from one that was replaced.");
        var target = _folder.File("model");
        AtomicFile.WriteText(Path.Combine(target, "a"), "old");
        using var old = File.OpenRead(Path.Combine(target, "a"));
        using var watcher = new FileSystemWatcher(target) { EnableRaisingEvents = true };
        using var arrived = new ManualResetEventSlim();
        List<string> gone = [];
        watcher.Deleted += (_, change) => gone.Add(change.Name!);
        watcher.Renamed += (_, change) => Arrived(change);
        watcher.Created += (_, change) => Arrived(change);
        if (wholeFolder)
            AtomicFolder.Write(target, folder => AtomicFile.WriteText(Path.Combine(folder, "a"), "new"), "a");
        else
            AtomicFile.WriteText(Path.Combine(target, "a"), "new");
        // Written into, the file would neither come nor go.
        Assert.True(arrived.Wait(TimeSpan.FromSeconds(10)), "nothing came in the place of the file");
        Assert.DoesNotContain("a", gone);
        Assert.Equal("new", File.ReadAllText(Path.Combine(target, "a")));
        using var reader = new StreamReader(old);
        Assert.Equal("old", reader.ReadToEnd());

        void Arrived(FileSystemEventArgs change)
        {
            if (change.Name == "a")
                arrived.Set();
        }
    }

    [Fact]
    public void A_held_lock_is_said_to_be_held()
    {
        using var held = LockFile.Take(_folder.Path);
        Refusal.Of(() => LockFile.Take(_folder.Path).Dispose(), _folder.Path, "in use by another process");
    }

    [Fact]
    public void A_folder_that_is_written_whole_keeps_nothing_of_the_old_one_and_all_of_it_when_writing_fails()
    {
        var target = _folder.File("model");
        Directory.CreateDirectory(_folder.File("model", "adapter"));
        File.WriteAllText(_folder.File("model", "adapter", "stale"), "old");
        Refusal.Of(
            () =>
                AtomicFolder.WriteWhole(
                    target,
                    folder =>
                    {
                        AtomicFile.WriteText(Path.Combine(folder, "a"), "new");
                        throw new IOException("No space left on device");
                    }
                ),
            target,
            "No space left"
        );
        Assert.Equal("old", File.ReadAllText(_folder.File("model", "adapter", "stale")));
        AtomicFolder.WriteWhole(target, folder => AtomicFile.WriteText(Path.Combine(folder, "a"), "new"));
        Assert.Equal(
            [_folder.File("model", "a")],
            Directory.GetFileSystemEntries(target, "*", SearchOption.AllDirectories)
        );
        AtomicFolder.WriteWhole(_folder.File("fresh"), _ => { });
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }
}
