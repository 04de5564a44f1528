using System.Buffers.Binary;
using System.Text;

namespace Palimpsest.Tokenizers;

/// <summary>A SentencePiece character map: a double-array trie over UTF-8 whose values point into a pool of
/// replacements.</summary>
internal sealed class PrecompiledNormalizer : INormalizer
{
    /// <summary>Character clusters of this many UTF-8 bytes are looked up one character at a time.</summary>
    private const int LongestCluster = 6;

    private readonly uint[] _trie;
    private readonly byte[] _pool;

    private PrecompiledNormalizer(uint[] trie, byte[] pool) => (_trie, _pool) = (trie, pool);

    /// <summary>Reads the Base64 form: trie size in bytes (little-endian), trie, pool of zero-ended strings.</summary>
    public static PrecompiledNormalizer Read(JsonField field)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(field.AsString());
        }
        catch (FormatException error)
        {
            throw new InputException($"{field.Path}: not valid Base64.", error);
        }

        var size = bytes.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : uint.MaxValue;
        if (size > bytes.Length - 4 || size % 4 != 0)
            throw field.Error($"a trie of {size} bytes does not fit in a map of {bytes.Length} bytes.");
        var trie = new uint[size / 4];
        for (var i = 0; i < trie.Length; i++)
            trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 + (i * 4)));
        return new PrecompiledNormalizer(trie, bytes[(4 + (int)size)..]);
    }

    /// <inheritdoc/>
    public AlignedText Normalize(AlignedText text)
    {
        var builder = new AlignedTextBuilder(text.Text.Length);
        for (var i = 0; i < text.Text.Length; )
        {
            var cluster = System.Globalization.StringInfo.GetNextTextElementLength(text.Text.AsSpan(i));
            if (
                Encoding.UTF8.GetByteCount(text.Text.AsSpan(i, cluster)) < LongestCluster
                && Find(text.Text.AsSpan(i, cluster)) is { } whole
            )
            {
                builder.Append(whole, text.Source[i]);
                i += cluster;
                continue;
            }

            for (var end = i + cluster; i < end; )
            {
                var rune = UnicodeClass.At(text.Text, i, out var length);
                if (Find(text.Text.AsSpan(i, length)) is { } replaced)
                    builder.Append(replaced, text.Source[i]);
                else
                    builder.Append(rune, text.Source[i]);
                i += length;
            }
        }

        return builder.ToText();
    }

    private string? Find(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[text.Length * 3];
        bytes = bytes[..Encoding.UTF8.GetBytes(text, bytes)];
        if (_trie.Length == 0)
            return null;
        var node = Offset(_trie[0]);
        foreach (var value in bytes)
        {
            if (value == 0)
                return null;
            node ^= value;
            if (node >= _trie.Length || (_trie[node] & 0x800000FF) != value)
                return null;
            var unit = _trie[node];
            node ^= Offset(unit);
            if (((unit >> 8) & 1) != 0)
                return node < _trie.Length ? PoolString((int)(_trie[node] & 0x7FFFFFFF)) : null;
        }

        return null;
    }

    private string? PoolString(int start)
    {
        if (start >= _pool.Length)
            return null;
        var tail = _pool.AsSpan(start);
        var end = tail.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? tail : tail[..end]);
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);
}
