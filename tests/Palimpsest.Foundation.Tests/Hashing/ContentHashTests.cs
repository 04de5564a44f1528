using System.Diagnostics;
using Palimpsest.TestKit;

namespace Palimpsest.Foundation.Tests;

public sealed class ContentHashTests : IDisposable
{
    private const string HashOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private readonly TemporaryFolder _folder = new();

    public ContentHashTests()
    {
        Write("model.safetensors", "abc");
        Write("config.json", "{}");
        Write("sub/tokenizer.json", "[]");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_hash_of_a_file_a_text_and_bytes_is_that_of_the_standard()
    {
        Assert.Equal(HashOfAbc, ContentHash.Of(_folder.File("model.safetensors")));
        Assert.Equal(HashOfAbc, ContentHash.OfText("abc"));
        Assert.Equal(HashOfAbc, ContentHash.OfBytes("abc"u8));
    }

    [Fact]
    public void A_manifest_has_every_file_by_relative_name_in_the_order_of_bytes()
    {
        Write("Zebra", "");
        Write("änne", "");
        var manifest = ContentHash.Manifest(_folder.Path);
        Assert.Equal(
            ["Zebra", "config.json", "model.safetensors", "sub/tokenizer.json", "änne"],
            manifest.Select(file => file.Name)
        );
        Assert.Equal($"{HashOfAbc}  model.safetensors", manifest[2].ToString());
        Assert.Equal(ContentHash.OfText(ContentHash.Text(manifest)), ContentHash.Of(_folder.Path));
        Assert.Equal(
            ["model.safetensors"],
            ContentHash.Manifest(_folder.Path, "*.safetensors").Select(file => file.Name)
        );
    }

    [Theory]
    [InlineData("model.safetensors", "abd")]
    [InlineData("config.json", "{ }")]
    [InlineData("sub/tokenizer.json", "[ ]")]
    public void One_changed_byte_of_any_file_changes_the_hash_and_back_again(string name, string text)
    {
        var (before, old) = (ContentHash.Of(_folder.Path), File.ReadAllText(_folder.File(name)));
        Write(name, text);
        Assert.NotEqual(before, ContentHash.Of(_folder.Path));
        Write(name, old);
        Assert.Equal(before, ContentHash.Of(_folder.Path));
    }

    [Fact]
    public void A_rename_a_move_and_a_further_file_change_the_hash()
    {
        var before = ContentHash.Of(_folder.Path);
        File.Move(_folder.File("config.json"), _folder.File("config2.json"));
        var renamed = ContentHash.Of(_folder.Path);
        File.Move(_folder.File("config2.json"), _folder.File("sub", "config.json"));
        var moved = ContentHash.Of(_folder.Path);
        File.Move(_folder.File("sub", "config.json"), _folder.File("config.json"));
        Assert.Equal(before, ContentHash.Of(_folder.Path));
        Write("empty", "");
        Assert.Equal(4, new[] { before, renamed, moved, ContentHash.Of(_folder.Path) }.Distinct().Count());
    }

    [Fact]
    public void The_order_of_listing_does_not_matter()
    {
        FileHash[] files = [new("b", "2"), new("a/c", "1"), new("a", "3"), new("B", "4")];
        Assert.Equal(["B", "a", "a/c", "b"], ContentHash.InOrder(files).Select(file => file.Name));
        Assert.Equal(ContentHash.InOrder(files), ContentHash.InOrder(files.Reverse()));
    }

    [Fact]
    public void Names_with_a_line_break_or_backslash_cannot_pass_for_two_lines() =>
        Assert.Equal(@"\0  a\n0  b\\c", new FileHash("a\n0  b\\c", "0").ToString());

    [Fact]
    public void What_is_missing_is_named()
    {
        Refusal.Of(() => ContentHash.Of(_folder.File("none")), _folder.File("none"), "no such file or folder");
        Refusal.Of(() => ContentHash.Manifest(_folder.File("none")), _folder.File("none"), "no such folder");
    }

    [Fact]
    public void Anyone_can_check_it_with_the_documented_command()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the command is that of GNU find and coreutils");
        Write("with space", "x");
        Write("ünï", "y");
        const string command =
            "find -L . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1";
        using var shell = Process.Start(
            new ProcessStartInfo("sh", ["-c", command])
            {
                WorkingDirectory = _folder.Path,
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal(ContentHash.Of(_folder.Path), shell.StandardOutput.ReadToEnd().Trim());
    }

    private void Write(string name, string text)
    {
        var path = _folder.File(name.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
