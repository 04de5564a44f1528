using System.Buffers.Binary;
using System.Text;
using Palimpsest.TestKit;

namespace Palimpsest.Checkpoints.Tests;

/// <summary>Safetensors files that lie: each is refused when it is opened, in one line that names it.</summary>
public sealed class HostileSafetensorsTests : IDisposable
{
    private const string Good = "\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}";

    private static readonly Dictionary<string, (Func<byte[]> Make, string[] Words)> Files = new()
    {
        ["empty file"] = (() => [], ["0 bytes", "at least 8"]),
        ["half a length"] = (() => [1, 0, 0, 0], ["4 bytes"]),
        ["a length and no header"] = (() => Length(20), ["header length 20"]),
        ["a length beyond the file"] = (() => Raw(1000, $"{{{Good}}}", 16), ["header length 1000"]),
        ["a negative length"] = (() => Raw(-1, $"{{{Good}}}", 16), ["header length 18446744073709551615"]),
        ["a length of eight exabytes"] = (
            () => Raw(long.MaxValue, $"{{{Good}}}", 16),
            ["header length 9223372036854775807"]
        ),
        ["a length that cuts the header"] = (() => Raw(10, $"{{{Good}}}", 16), ["not JSON"]),
        ["no header at all"] = (() => Raw(0, "", 16), ["not JSON"]),
        ["a header of zeros"] = (() => Raw(8, "\0\0\0\0\0\0\0\0", 0), ["not JSON"]),
        ["a header that is an array"] = (() => File("[]", 0), ["must be a JSON object", "Array"]),
        ["a header that is a number"] = (() => File("7", 0), ["must be a JSON object"]),
        ["text behind the header"] = (() => File($"{{{Good}}} x", 16), ["not JSON"]),
        ["nesting without end"] = (() => File(string.Concat(Enumerable.Repeat("{\"a\":", 5000)), 0), ["not JSON"]),
        ["a name that is no UTF-8"] = (
            () =>
                Bytes([.. "{\""u8, 0xFF, 0xFE, .. "\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}"u8], 4),
            ["Unicode"]
        ),
        ["a name that is half a character"] = (
            () => File("{\"\\ud800\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4),
            ["Unicode"]
        ),
        ["a dtype that is no UTF-8"] = (
            () => Bytes([.. "{\"a\":{\"dtype\":\""u8, 0xFF, .. "\",\"shape\":[],\"data_offsets\":[0,4]}}"u8], 4),
            ["Unicode"]
        ),
        ["metadata that is no UTF-8"] = (
            () => Bytes([.. "{\"__metadata__\":{\"x\":\""u8, 0xC0, .. "\"}}"u8], 0),
            ["Unicode"]
        ),
        ["a name of two lines"] = (
            () => File("{\"a\\nb\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4),
            ["'a b'", "control"]
        ),
        ["a name without letters"] = (
            () => File("{\"\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4),
            ["1 to 1000"]
        ),
        ["a name of a million letters"] = (() => File($"{{\"{new string('n', 1_000_000)}\":{{}}}}", 0), ["1 to 1000"]),
        ["a name that comes twice"] = (() => File($"{{{Good},{Good}}}", 16), ["'a'", "twice"]),
        ["an entry that is a number"] = (() => File("{\"a\":1}", 0), ["'a'", "must be an object"]),
        ["an entry that is null"] = (() => File("{\"a\":null}", 0), ["'a'", "must be an object"]),
        ["no dtype"] = (() => Entry("\"shape\":[1],\"data_offsets\":[0,4]", 4), ["'a'", "dtype"]),
        ["an unknown dtype"] = (
            () => Entry("\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]", 4),
            ["'a'", "F33", "BF16"]
        ),
        ["a dtype of two lines"] = (
            () => Entry("\"dtype\":\"F\\n32\",\"shape\":[1],\"data_offsets\":[0,4]", 4),
            ["'a'", "F 32"]
        ),
        ["a dtype that is a number"] = (
            () => Entry("\"dtype\":32,\"shape\":[1],\"data_offsets\":[0,4]", 4),
            ["'a'", "dtype"]
        ),
        ["no shape"] = (() => Entry("\"dtype\":\"F32\",\"data_offsets\":[0,4]", 4), ["'a'", "shape"]),
        ["a shape of text"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[\"1\"],\"data_offsets\":[0,4]", 4),
            ["'a'", "shape[0]"]
        ),
        ["a shape of halves"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[0.5],\"data_offsets\":[0,4]", 4),
            ["'a'", "shape[0]", "0.5"]
        ),
        ["a negative size"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[-1,-1],\"data_offsets\":[0,4]", 4),
            ["'a'", "shape[0]", "-1"]
        ),
        ["a shape whose product overflows to its bytes"] = (
            () => Entry($"\"dtype\":\"F32\",\"shape\":[{1L << 62},4],\"data_offsets\":[0,0]", 0),
            ["'a'", "is not its size"]
        ),
        ["a shape of exabytes"] = (
            () => Entry($"\"dtype\":\"F32\",\"shape\":[{long.MaxValue},{long.MaxValue}],\"data_offsets\":[0,16]", 16),
            ["'a'", "is not its size"]
        ),
        ["an exabyte beside a zero"] = (
            () => Entry($"\"dtype\":\"F32\",\"shape\":[0,{long.MaxValue}],\"data_offsets\":[0,0]", 0),
            ["'a'", "is not its size"]
        ),
        ["a size beyond 64 bits"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]", 4),
            ["'a'", "shape[0]"]
        ),
        ["seventeen dimensions"] = (
            () =>
                Entry(
                    $"\"dtype\":\"F32\",\"shape\":[{string.Join(',', Enumerable.Repeat(1, 17))}],"
                        + "\"data_offsets\":[0,4]",
                    4
                ),
            ["'a'", "at most 16"]
        ),
        ["fewer bytes than the shape"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]", 4),
            ["'a'", "[2]", "4 bytes"]
        ),
        ["more bytes than the shape"] = (
            () => Entry("\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,4]", 4),
            ["'a'", "[1]", "4 bytes"]
        ),
        ["no offsets"] = (() => Entry("\"dtype\":\"F32\",\"shape\":[1]", 4), ["'a'", "data_offsets"]),
        ["one offset"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4]", 4),
            ["'a'", "data_offsets", "two"]
        ),
        ["three offsets"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,4]", 4),
            ["'a'", "two"]
        ),
        ["a negative offset"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]", 4),
            ["'a'", "data_offsets[0]", "-4"]
        ),
        ["offsets the wrong way round"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]", 4),
            ["'a'", "ascending"]
        ),
        ["offsets beyond the file"] = (
            () => Entry("\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]", 8),
            ["'a'", "<= 8"]
        ),
        ["offsets of exabytes"] = (
            () => Entry($"\"dtype\":\"U8\",\"shape\":[{long.MaxValue}],\"data_offsets\":[0,{long.MaxValue}]", 8),
            ["'a'", "<= 8"]
        ),
        ["two tensors over one another"] = (
            () => File($"{{{Good},\"b\":{{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[8,24]}}}}", 24),
            ["'b'", "starts at 8", "overlaps"]
        ),
        ["two tensors in one place"] = (
            () => File($"{{{Good},\"b\":{{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}}}", 16),
            ["starts at 0", "overlaps"]
        ),
        ["a gap between tensors"] = (
            () => File($"{{{Good},\"b\":{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[20,24]}}}}", 24),
            ["'b'", "starts at 20", "gaps"]
        ),
        ["bytes that belong to no tensor"] = (() => File($"{{{Good}}}", 24), ["byte 16 of 24"]),
        ["data cut off"] = (() => File($"{{{Good}}}", 12), ["'a'", "<= 12"]),
        ["metadata that is a list"] = (() => File("{\"__metadata__\":[]}", 0), ["__metadata__", "Array"]),
        ["metadata with a number"] = (
            () => File("{\"__metadata__\":{\"x\\ny\":1}}", 0),
            ["__metadata__", "'x y'", "must be a string"]
        ),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Files.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void It_is_refused_in_one_line(string name)
    {
        var path = _folder.File("model.safetensors");
        System.IO.File.WriteAllBytes(path, Files[name].Make());
        Refusal.Of(() => SafetensorsFile.Open(path).Dispose(), [path, .. Files[name].Words]);
    }

    [Fact]
    public void A_missing_file_and_a_folder_in_its_place_are_refused()
    {
        Refusal.Of(() => SafetensorsFile.Open(_folder.File("none.safetensors")), "none.safetensors", "cannot be read");
        Refusal.Of(() => SafetensorsFile.Open(_folder.Path), _folder.Path, "cannot be read");
    }

    [Fact]
    public void A_good_file_cut_off_anywhere_is_refused()
    {
        using var scope = NewDisposeScope();
        var path = _folder.File("good.safetensors");
        SafetensorsFile.Write(
            path,
            [("a", arange(6, dtype: ScalarType.Float32).reshape(2, 3)), ("b", ones(3, ScalarType.Int64))]
        );
        var whole = System.IO.File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(path, whole[..length]);
            Refusal.Of(() => SafetensorsFile.Open(path).Dispose(), path);
        }
    }

    [Fact]
    public void Any_byte_of_a_good_header_may_be_changed_and_what_is_read_is_refused_or_within_the_file()
    {
        using var scope = NewDisposeScope();
        var path = _folder.File("good.safetensors");
        SafetensorsFile.Write(path, [("a", ones(2, 3)), ("b", ones(3, ScalarType.Int64))]);
        var whole = System.IO.File.ReadAllBytes(path);
        var random = new SeededRandom(5);
        for (var trial = 0; trial < 1500; trial++)
        {
            byte[] changed = [.. whole];
            changed[random.Below(whole.Length - 48)] = (byte)random.Below(256);
            System.IO.File.WriteAllBytes(path, changed);
            try
            {
                using var file = SafetensorsFile.Open(path);
                foreach (var name in file.Names)
                    Assert.InRange(file.Read(name).numel(), 0, 48);
            }
            catch (InputException error)
            {
                Assert.Contains(path, error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', error.Message);
            }
        }
    }

    private static byte[] Length(long length)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        return bytes;
    }

    private static byte[] Raw(long length, string header, int data) =>
        [.. Length(length), .. Encoding.UTF8.GetBytes(header), .. new byte[data]];

    private static byte[] Bytes(byte[] header, int data) => [.. Length(header.Length), .. header, .. new byte[data]];

    private static byte[] File(string header, int data) => Bytes(Encoding.UTF8.GetBytes(header), data);

    private static byte[] Entry(string fields, int data) => File($"{{\"a\":{{{fields}}}}}", data);
}
