using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class GgufFileTests
{
    [Fact, Trait("Category", "Golden")]
    public void The_reference_file_has_metadata_of_every_kind_and_three_tensors()
    {
        var path = GoldenFolder.TryGet("gguf", "small.gguf");
        Assert.SkipWhen(path is null, "golden/gguf is not there.");
        using var file = GgufFile.Open(path!);
        var values = file.Metadata.Values;
        Assert.Equal("llama", file.Metadata.Text("general.architecture"));
        Assert.Equal((byte)200, values["t.u8"]);
        Assert.Equal((sbyte)-3, values["t.i8"]);
        Assert.Equal((ushort)60000, values["t.u16"]);
        Assert.Equal((short)-30000, values["t.i16"]);
        Assert.Equal(9223372036854775813UL, values["t.u64"]);
        Assert.Equal(-4611686018427387904L, values["t.i64"]);
        Assert.Equal(1e-300, values["t.f64"]);
        Assert.Equal(true, values["t.bool"]);
        Assert.Equal("naïve 数字 🙂", values["t.str"]);
        Assert.Equal(["a", "", "c"], file.Metadata.Texts("t.strs"));
        Assert.Equal([1, -2, 3], file.Metadata.Wholes("t.ints"));
        Assert.Equal(
            [
                [1, 2],
                [3],
            ],
            Assert.IsType<object[]>(values["t.nested"]).Cast<int[]>()
        );
        Assert.Equal(1e-5, file.Metadata.RealOrNull("llama.attention.layer_norm_rms_epsilon"));
        using var scope = NewDisposeScope();
        var exact = file.Read("f32");
        Assert.Equal([5, 64], exact.shape);
        Assert.True((file.Read("f16") - exact).abs().max().item<float>() <= exact.abs().max().item<float>() / 1024);
        Assert.True((file.Read("q8_0") - exact).abs().max().item<float>() <= exact.abs().max().item<float>() / 127);
        Assert.Equal(
            exact.to(ScalarType.Float16).to(ScalarType.Float32).data<float>().ToArray(),
            file.Read("f16").data<float>().ToArray()
        );
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var values = randn([3, 5, 64], dtype: ScalarType.Float32, generator: generator);
        KeyValuePair<string, object>[] metadata =
        [
            new("u8", (byte)1),
            new("i8", (sbyte)-1),
            new("u16", (ushort)2),
            new("i16", (short)-2),
            new("u32", 3u),
            new("i32", -3),
            new("f32", 1.5f),
            new("flag", true),
            new("text", "ä\n"),
            new("list", new[] { "x", "" }),
            new("u64", ulong.MaxValue),
            new("i64", long.MinValue),
            new("f64", 0.1),
            new("flags", new[] { true, false }),
            new("nested", new object[] { new[] { 1, 2 }, Array.Empty<int>() }),
            new("none", Array.Empty<float>()),
        ];
        var path = folder.File("x.gguf");
        GgufFile.Write(
            path,
            metadata,
            [
                .. new[] { GgufType.F32, GgufType.F16, GgufType.BF16, GgufType.Q8_0, GgufType.Q4_0 }.Select(
                    type => new GgufTensorSource(type.ToString(), type, values.shape, () => values.alias())
                ),
            ]
        );
        using var file = GgufFile.Open(path);
        Assert.Equal(metadata.Select(m => m.Key), file.Metadata.Values.Keys);
        foreach (var (key, value) in metadata)
            Assert.Equal(value, file.Metadata.Values[key]);
        Assert.Equal(values.data<float>().ToArray(), file.Read("F32").data<float>().ToArray());
        foreach (
            var (type, error) in ((string, double)[])
                [
                    ("F16", 1.0 / 2048),
                    ("BF16", 1.0 / 256),
                    ("Q8_0", 1.0 / 254 + 1.0 / 2048),
                    ("Q4_0", 1.0 / 8 + 1.0 / 2048),
                ]
        )
        {
            Assert.Equal([3, 5, 64], file.Read(type).shape);
            Assert.True(
                (file.Read(type) - values).abs().max().item<float>() <= error * values.abs().max().item<float>(),
                type
            );
        }

        Assert.Equal(["x.gguf"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Version_2_and_other_alignments_are_read()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var path = folder.File("x.gguf");
        GgufFile.Write(
            path,
            [new("general.alignment", 8u)],
            [new("w", GgufType.F32, [3], () => tensor(new[] { 1f, 2f, 3f }))]
        );
        var content = File.ReadAllBytes(path);
        content[4] = 2;
        File.WriteAllBytes(path, content);
        using var file = GgufFile.Open(path);
        Assert.Equal([1f, 2f, 3f], file.Read("w").data<float>().ToArray());
    }

    [Theory(SkipTestWithoutData = true), Trait("Category", "Golden")]
    [MemberData(nameof(WrittenTypes))]
    public unsafe void Decoded_rows_are_encoded_to_the_same_bytes(string name)
    {
        using var reference = SafetensorsFile.Open(GoldenFolder.TryGet("gguf", "reference.safetensors")!);
        using var expected = reference.Read($"{name}.bytes");
        using var decoded = reference.Read($"{name}.values");
        var layout = GgufLayout.Of(Enum.Parse<GgufType>(name));
        var actual = new byte[expected.numel()];
        fixed (byte* values = decoded.bytes)
        fixed (byte* blocks = actual)
            Assert.True(GgufEncoder.TryEncode(layout, (float*)values, blocks, (int)decoded.numel() / layout.Values));
        Assert.Equal(expected.bytes.ToArray(), actual);
    }

    public static TheoryData<string> WrittenTypes =>
        GoldenFolder.TryGet("gguf") is null ? [] : ["F32", "F16", "BF16", "Q8_0", "Q4_0"];

    [Fact]
    public void A_value_beyond_float16_is_refused_and_nothing_is_left()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<InputException>(() =>
            GgufFile.Write(folder.File("x.gguf"), [], [new("w", GgufType.F16, [2], () => tensor(new[] { 1f, 1e6f }))])
        );
        Assert.Contains("'w'", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_file_that_is_too_large_for_one_span_of_blocks_is_read_in_parts()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var values = arange(3_000_000, dtype: ScalarType.Float32).fmod(251);
        GgufFile.Write(folder.File("x.gguf"), [], [new("w", GgufType.F16, values.shape, () => values.alias())]);
        using var file = GgufFile.Open(folder.File("x.gguf"));
        Assert.Equal(values.data<float>().ToArray(), file.Read("w").data<float>().ToArray());
    }
}
