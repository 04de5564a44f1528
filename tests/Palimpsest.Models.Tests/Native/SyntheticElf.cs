using System.Buffers.Binary;
using System.Text;

namespace Palimpsest.Models.Tests;

/// <summary>The least ELF file with a table of needed and one of offered symbol versions.</summary>
internal static class SyntheticElf
{
    private const int Header = 64;
    private const int SectionHeader = 64;

    /// <summary>A file of a library that needs some versions of another and offers some itself.</summary>
    public static byte[] Build(IReadOnlyList<string> needs, IReadOnlyList<string> offers)
    {
        var strings = new List<byte> { 0 };
        int Text(string text)
        {
            var at = strings.Count;
            strings.AddRange(Encoding.ASCII.GetBytes(text + "\0"));
            return at;
        }

        var needed = Needs(needs, Text);
        var offered = Offers(offers, Text);
        byte[][] contents =
        [
            [],
            needed,
            offered,
            [.. strings],
        ];
        uint[] types = [0, 0x6ffffffe, 0x6ffffffd, 3];
        var file = new byte[Header + contents.Sum(c => c.Length) + contents.Length * SectionHeader];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        var (at, table) = (Header, file.Length - contents.Length * SectionHeader);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(40), (ulong)table);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(58), SectionHeader);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), (ushort)contents.Length);
        for (var i = 0; i < contents.Length; i++)
        {
            contents[i].CopyTo(file, at);
            var header = file.AsSpan(table + i * SectionHeader);
            BinaryPrimitives.WriteUInt32LittleEndian(header[4..], types[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)at);
            BinaryPrimitives.WriteUInt64LittleEndian(header[32..], (ulong)contents[i].Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header[40..], 3);
            at += contents[i].Length;
        }

        return file;
    }

    // Verneed of two libraries, the second with the versions asked for; Vernaux behind each.
    private static byte[] Needs(IReadOnlyList<string> versions, Func<string, int> text)
    {
        var section = new byte[32 + 16 + 16 * versions.Count];
        Verneed(section, text("libc.so.6"), count: 1, next: 32);
        Vernaux(section.AsSpan(16), text("GLIBC_2.34"), next: 0);
        Verneed(section.AsSpan(32), text("libstdc++.so.6"), versions.Count, next: 0);
        for (var i = 0; i < versions.Count; i++)
            Vernaux(section.AsSpan(48 + 16 * i), text(versions[i]), i == versions.Count - 1 ? 0 : 16);
        return section;
    }

    private static void Verneed(Span<byte> place, int name, int count, int next)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(place, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(place[2..], (ushort)count);
        BinaryPrimitives.WriteInt32LittleEndian(place[4..], name);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], 16);
        BinaryPrimitives.WriteInt32LittleEndian(place[12..], next);
    }

    private static void Vernaux(Span<byte> place, int name, int next)
    {
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], name);
        BinaryPrimitives.WriteInt32LittleEndian(place[12..], next);
    }

    // Verdef and its Verdaux, one pair per version.
    private static byte[] Offers(IReadOnlyList<string> versions, Func<string, int> text)
    {
        var section = new byte[28 * versions.Count];
        for (var i = 0; i < versions.Count; i++)
        {
            var place = section.AsSpan(28 * i);
            BinaryPrimitives.WriteUInt16LittleEndian(place, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(place[6..], 1);
            BinaryPrimitives.WriteInt32LittleEndian(place[12..], 20);
            BinaryPrimitives.WriteInt32LittleEndian(place[16..], i == versions.Count - 1 ? 0 : 28);
            BinaryPrimitives.WriteInt32LittleEndian(place[20..], text(versions[i]));
        }

        return section;
    }
}
