using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class GgufSplitTests : IDisposable
{
    private const string First = "m-00001-of-00002.gguf";
    private const string Second = "m-00002-of-00002.gguf";

    private static readonly string Case = GoldenFolder.Shipped("cases", "gguf-split");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(First)]
    [InlineData(Second)]
    public void Any_part_stands_for_the_whole(string part)
    {
        using var whole = ModelFiles.LoadDecoder(Path.Combine(Case, "whole.gguf"));
        using var split = ModelFiles.LoadDecoder(Path.Combine(Case, part));
        Assert.Equal(whole.ParameterRefs.Select(r => r.Name), split.ParameterRefs.Select(r => r.Name));
        foreach (var (mine, its) in whole.ParameterRefs.Zip(split.ParameterRefs))
            Assert.True(mine.Value().eq(its.Value()).all().item<bool>(), mine.Name);
        Assert.Equal(
            ModelFiles.LoadTokenizer(Path.Combine(Case, "whole.gguf")).Encode("abc"),
            ModelFiles.LoadTokenizer(Path.Combine(Case, part)).Encode("abc")
        );
        var info = ModelInfo.Read(Path.Combine(Case, part));
        Assert.Equal([First, Second], info.Shards.Select(shard => shard.File));
        using var file = GgufFile.Open(Path.Combine(Case, part));
        Assert.Equal(file.Tensors.Count, info.Shards.Sum(shard => shard.Tensors));
    }

    [Theory]
    [InlineData(First, Second)]
    [InlineData(Second, First)]
    public void A_missing_part_is_named(string there, string missing)
    {
        File.Copy(Path.Combine(Case, there), _folder.File(there));
        Refusal.Of(() => GgufFile.Open(_folder.File(there)).Dispose(), _folder.File(missing), "missing", "of 2");
    }

    [Fact]
    public void A_part_under_another_name_says_that_it_is_one()
    {
        File.Copy(Path.Combine(Case, First), _folder.File("model.gguf"));
        Refusal.Of(
            () => GgufFile.Open(_folder.File("model.gguf")).Dispose(),
            _folder.File("model.gguf"),
            "part 1 of 2",
            "-00001-of-00002.gguf"
        );
    }

    [Fact]
    public void A_part_in_another_s_place_is_refused()
    {
        File.Copy(Path.Combine(Case, First), _folder.File(First));
        File.Copy(Path.Combine(Case, First), _folder.File(Second));
        Refusal.Of(() => GgufFile.Open(_folder.File(First)).Dispose(), _folder.File(Second), "split.no");
        File.Copy(Path.Combine(Case, "whole.gguf"), _folder.File(Second), overwrite: true);
        Refusal.Of(() => GgufFile.Open(_folder.File(First)).Dispose(), _folder.File(Second), "split.count");
    }

    [Theory]
    [InlineData(4, "split.tensors.count")]
    [InlineData(2, "in another part")]
    public void Parts_of_different_files_are_refused(int tensors, string word)
    {
        Write(First, 0, tensors, "a");
        Write(Second, 1, tensors, word == "in another part" ? "a" : "b");
        Refusal.Of(() => GgufFile.Open(_folder.File(First)).Dispose(), word);
    }

    private void Write(string name, int number, int tensors, string tensor) =>
        GgufFile.Write(
            _folder.File(name),
            [new("split.no", (ushort)number), new("split.count", (ushort)2), new("split.tensors.count", tensors)],
            [new(tensor, GgufType.F32, [2], () => zeros(2))]
        );
}
