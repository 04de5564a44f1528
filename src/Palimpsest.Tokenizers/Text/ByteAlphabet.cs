namespace Palimpsest.Tokenizers;

/// <summary>The 256 printable characters that stand for bytes in byte-level vocabularies.</summary>
internal static class ByteAlphabet
{
    private const int Size = 324;
    private static readonly char[] Chars = Build();
    private static readonly short[] Bytes = Invert();

    /// <summary>The character of a byte.</summary>
    public static char CharOf(byte value) => Chars[value];

    /// <summary>The byte of a character; false when it stands for none.</summary>
    public static bool TryGetByte(char character, out byte value)
    {
        var found = character < Size ? Bytes[character] : (short)-1;
        value = (byte)Math.Max(found, (short)0);
        return found >= 0;
    }

    /// <summary>All 256, in order of their code points.</summary>
    public static IEnumerable<char> InOrder => Chars.Order();

    private static char[] Build()
    {
        var chars = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            chars[value] = (char)(printable ? value : next++);
        }

        return chars;
    }

    private static short[] Invert()
    {
        var bytes = new short[Size];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++)
            bytes[Chars[value]] = (short)value;
        return bytes;
    }
}
