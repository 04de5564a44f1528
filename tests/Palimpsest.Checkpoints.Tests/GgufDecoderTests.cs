using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

[Trait("Category", "Golden")]
public sealed class GgufDecoderTests
{
    /// <summary>Types that the reference has and this program names as not supported: their codes are places in large
    /// tables.</summary>
    private static readonly string[] NotRead = ["IQ1_M", "IQ1_S", "IQ2_S", "IQ2_XS", "IQ2_XXS", "IQ3_S", "IQ3_XXS"];

    public static TheoryData<string> Types
    {
        get
        {
            if (GoldenFolder.TryGet("gguf") is null)
                return [];
            using var reference = Open();
            return
            [
                .. reference
                    .Names.Where(n => n.EndsWith(".bytes", StringComparison.Ordinal))
                    .Select(n => n[..^6])
                    .Except(NotRead),
            ];
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Types))]
    public unsafe void Rows_decode_to_the_reference_values(string name)
    {
        using var reference = Open();
        using var bytes = reference.Read($"{name}.bytes");
        using var expected = reference.Read($"{name}.values");
        var layout = GgufLayout.Of(Enum.Parse<GgufType>(name));
        var blocks = (int)bytes.numel() / layout.Bytes;
        Assert.Equal(expected.numel(), (long)blocks * layout.Values);
        var actual = new float[expected.numel()];
        fixed (byte* source = bytes.bytes)
        fixed (float* values = actual)
            GgufDecoder.Decode(layout, source, values, blocks);
        // Bit for bit, but that zero has one sign.
        Assert.Equal(expected.data<float>().ToArray().Select(v => v + 0f), actual.Select(v => v + 0f));
    }

    [Fact]
    public void Every_type_of_the_reference_is_read_or_named_as_not_supported()
    {
        using var reference = Open();
        var types = reference.Names.Where(n => n.EndsWith(".bytes", StringComparison.Ordinal)).Select(n => n[..^6]);
        Assert.All(types.Except(NotRead), name => Assert.True(Enum.IsDefined(Enum.Parse<GgufType>(name))));
        Assert.All(
            NotRead,
            name => Assert.Contains(name, Enumerable.Range(0, 64).Select(n => GgufLayout.NameOf((uint)n)))
        );
    }

    private static SafetensorsFile Open()
    {
        var path = GoldenFolder.TryGet("gguf", "reference.safetensors");
        Assert.SkipWhen(path is null, "golden/gguf is not there.");
        return SafetensorsFile.Open(path!);
    }
}
