using System.Buffers.Binary;
using System.Text;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

public sealed class HostileGgufTests
{
    /// <summary>What is wrong, the bytes, and a word of the message.</summary>
    public static TheoryData<string, byte[], string> Files =>
        new()
        {
            { "nothing", [], "24" },
            { "other magic", [.. "GGML"u8, .. new byte[40]], "GGUF" },
            { "version 1", Header(1, 0, 0), "version 1" },
            { "version 4", Header(4, 0, 0), "version 4" },
            { "big endian", Header(BinaryPrimitives.ReverseEndianness(3u), 0, 0), "big-endian" },
            { "more entries than bytes", Header(3, 0, 1000), "1000" },
            { "2^63 entries", Header(3, 0, 1UL << 63), "9223372036854775808" },
            { "more tensors than bytes", Header(3, 1UL << 40, 0), "1099511627776" },
            {
                "key longer than the file",
                [.. Header(3, 0, 1), .. Number(1UL << 40), .. new byte[20]],
                "1099511627776"
            },
            { "key that is not UTF-8", [.. Header(3, 0, 1), .. Number(2), 0xC3, 0x28, .. new byte[20]], "UTF-8" },
            { "unknown value type", [.. Header(3, 0, 1), .. Text("k"), .. Word(13), .. new byte[8]], "13" },
            { "truth value 7", [.. Header(3, 0, 1), .. Text("k"), .. Word(7), 7, .. new byte[8]], "7" },
            {
                "list longer than the file",
                [.. Header(3, 0, 1), .. Text("k"), .. Word(9), .. Word(6), .. Number(1UL << 61), .. new byte[8]],
                "2305843009213693952"
            },
            {
                "strings longer than the file",
                [.. Header(3, 0, 1), .. Text("k"), .. Word(9), .. Word(8), .. Number(1UL << 50)],
                "1125899906842624"
            },
            { "lists in lists in lists", [.. Header(3, 0, 1), .. Text("k"), .. Word(9), .. Nested(40)], "deeper" },
            { "key twice", [.. Header(3, 0, 2), .. Entry("k", 1), .. Entry("k", 2)], "twice" },
            {
                "alignment 0",
                [.. Header(3, 0, 1), .. Entry("general.alignment", 0), .. new byte[8]],
                "general.alignment"
            },
            { "alignment 48", [.. Header(3, 0, 1), .. Entry("general.alignment", 48), .. new byte[8]], "power of two" },
            { "no dimension", [.. Header(3, 1, 0), .. Tensor("t", [], 0, 0), .. new byte[99]], "dimensions" },
            { "nine dimensions", [.. Header(3, 1, 0), .. Text("t"), .. Word(9), .. new byte[99]], "9 dimensions" },
            { "dimension 0", [.. Header(3, 1, 0), .. Tensor("t", [0], 0, 0), .. new byte[99]], "dimension of 0" },
            {
                "sizes whose product overflows",
                [.. Header(3, 1, 0), .. Tensor("t", [1UL << 40, 1UL << 40], 0, 0), .. new byte[99]],
                "not within"
            },
            {
                "size beyond the file",
                [.. Header(3, 1, 0), .. Tensor("t", [1000], 0, 0), .. new byte[99]],
                "not within"
            },
            {
                "offset beyond the file",
                [.. Header(3, 1, 0), .. Tensor("t", [4], 0, 1 << 20), .. new byte[99]],
                "not within"
            },
            {
                "offset that overflows",
                [.. Header(3, 1, 0), .. Tensor("t", [4], 0, ulong.MaxValue - 31), .. new byte[99]],
                "not within"
            },
            {
                "offset between alignments",
                [.. Header(3, 1, 0), .. Tensor("t", [4], 0, 16), .. new byte[99]],
                "multiple of 32"
            },
            { "half a block", [.. Header(3, 1, 0), .. Tensor("t", [48], 8, 0), .. new byte[99]], "multiple of 32" },
            { "type that is not read", [.. Header(3, 1, 0), .. Tensor("t", [256], 16, 0), .. new byte[99]], "IQ2_XXS" },
            { "type that nobody knows", [.. Header(3, 1, 0), .. Tensor("t", [256], 9999, 0), .. new byte[99]], "9999" },
            {
                "tensor twice",
                [.. Header(3, 2, 0), .. Tensor("t", [4], 0, 0), .. Tensor("t", [4], 0, 32), .. new byte[99]],
                "twice"
            },
            {
                "overlap",
                [.. Header(3, 2, 0), .. Tensor("s", [16], 0, 0), .. Tensor("t", [4], 0, 32), .. new byte[199]],
                "overlap"
            },
            { "end cut off", [.. Header(3, 1, 0), .. Tensor("t", [16], 0, 32), .. new byte[60]], "truncated" },
        };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_malformed_file_is_refused_in_one_line(string what, byte[] content, string word)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("x.gguf");
        File.WriteAllBytes(path, content);
        var error = Assert.Throws<InputException>(() => GgufFile.Open(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
        Assert.False(error.Message.Contains('\n', StringComparison.Ordinal), what);
    }

    [Fact, Trait("Category", "Golden")]
    public void A_file_cut_anywhere_or_with_any_byte_changed_is_read_or_refused_but_never_more()
    {
        var source = GoldenFolder.TryGet("gguf", "small.gguf");
        Assert.SkipWhen(source is null, "golden/gguf is not there.");
        var content = File.ReadAllBytes(source!);
        using var folder = new TemporaryFolder();
        var path = folder.File("x.gguf");
        for (var length = 0; length < content.Length; length += length < 900 ? 7 : 201)
        {
            File.WriteAllBytes(path, content[..length]);
            Assert.Throws<InputException>(() => GgufFile.Open(path).Dispose());
        }

        for (var at = 0; at < 860; at++)
        {
            var changed = content.ToArray();
            changed[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(path, changed);
            try
            {
                using var file = GgufFile.Open(path);
                foreach (var tensor in file.Tensors)
                    file.Read(tensor.Name).Dispose();
            }
            catch (InputException error)
            {
                Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_missing_file_and_a_model_without_what_it_needs_are_named()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("x.gguf");
        Assert.Contains(
            "x.gguf",
            Assert.Throws<InputException>(() => ModelFiles.LoadDecoder(path)).Message,
            StringComparison.Ordinal
        );
        AssertModel(path, [], "'general.architecture' is missing");
        AssertModel(path, [new("general.architecture", "magic")], "'magic'");
        AssertModel(path, [new("general.architecture", "llama"), new("llama.expert_count", 8u)], "expert_count");
        AssertModel(path, [new("general.architecture", "llama")], "llama.embedding_length");
        AssertModel(path, [new("general.architecture", "llama"), new("llama.embedding_length", "big")], "'big'");
    }

    [Fact]
    public void Metadata_cannot_ask_for_more_memory_than_the_tensors_account_for()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("x.gguf");
        KeyValuePair<string, object>[] metadata =
        [
            new("general.architecture", "llama"),
            new("llama.embedding_length", 1u << 20),
            new("llama.attention.head_count", 1u << 10),
            new("llama.feed_forward_length", 1u << 22),
            new("llama.block_count", 1u << 12),
            new("llama.context_length", 64u),
            new("llama.attention.layer_norm_rms_epsilon", 1e-5f),
        ];
        GgufFile.Write(path, metadata, [new("token_embd.weight", GgufType.F32, [2, 4], () => zeros(2, 4))]);
        Assert.Contains(
            "parameters",
            Assert.Throws<InputException>(() => ModelFiles.LoadDecoder(path)).Message,
            StringComparison.Ordinal
        );
    }

    private static void AssertModel(string path, KeyValuePair<string, object>[] metadata, string word)
    {
        GgufFile.Write(path, metadata, [new("token_embd.weight", GgufType.F32, [2, 4], () => zeros(2, 4))]);
        var error = Assert.Throws<InputException>(() => ModelFiles.LoadDecoder(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(word, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Header(uint version, ulong tensors, ulong entries) =>
        [.. "GGUF"u8, .. Word(version), .. Number(tensors), .. Number(entries)];

    private static byte[] Word(uint value) => BitConverter.GetBytes(value);

    private static byte[] Number(ulong value) => BitConverter.GetBytes(value);

    private static byte[] Text(string text) => [.. Number((ulong)text.Length), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Entry(string key, uint value) => [.. Text(key), .. Word(4), .. Word(value)];

    private static byte[] Tensor(string name, ulong[] sizes, uint type, ulong offset) =>
        [.. Text(name), .. Word((uint)sizes.Length), .. sizes.SelectMany(Number), .. Word(type), .. Number(offset)];

    private static byte[] Nested(int depth) =>
        [.. Enumerable.Repeat((byte[])[.. Word(9), .. Number(1)], depth).SelectMany(b => b), .. Word(4), .. Number(0)];
}
