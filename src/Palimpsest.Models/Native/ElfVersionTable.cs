using System.Buffers.Binary;
using System.Text;

namespace Palimpsest.Models;

/// <summary>Symbol versions that a 64-bit little-endian ELF file offers (<c>.gnu.version_d</c>) or needs
/// (<c>.gnu.version_r</c>).</summary>
/// <remarks>A damaged file offers and needs nothing: what lies outside the file reads as 0, and every list
/// ends.</remarks>
internal static class ElfVersionTable
{
    /// <summary><c>VER_FLG_WEAK</c>: the loader warns instead of failing when the version is missing.</summary>
    public const ushort Weak = 2;

    private const ulong VersionDefinitions = 0x6ffffffd;
    private const ulong VersionNeeds = 0x6ffffffe;
    private const int MostEntries = 10_000;

    /// <summary>True when the file defines a version of that name.</summary>
    public static bool Defines(ReadOnlySpan<byte> file, string version)
    {
        if (!TryFindSection(file, VersionDefinitions, out var at, out var strings))
            return false;
        for (var i = 0; i < MostEntries; i++)
        {
            var name = Number(file, at + (long)Number(file, at + 12, 4), 4);
            if (NameIs(file, strings + (long)name, version))
                return true;
            if (Number(file, at + 16, 4) is not (> 0 and var next))
                return false;
            at += (long)next;
        }

        return false;
    }

    /// <summary>Offset of <c>vna_flags</c> of the entry that needs a version, or −1 when nothing needs it.</summary>
    public static int FindNeed(ReadOnlySpan<byte> file, string version)
    {
        if (!TryFindSection(file, VersionNeeds, out var library, out var strings))
            return -1;
        for (var left = MostEntries; left > 0; )
        {
            var entry = library + (long)Number(file, library + 8, 4);
            for (var count = Number(file, library + 2, 2); count > 0 && left > 0; count--, left--)
            {
                if (entry + 6 <= file.Length && NameIs(file, strings + (long)Number(file, entry + 8, 4), version))
                    return (int)entry + 4;
                entry += (long)Number(file, entry + 12, 4);
            }

            if (Number(file, library + 12, 4) is not (> 0 and var next))
                return -1;
            library += (long)next;
            left--;
        }

        return -1;
    }

    private static bool TryFindSection(ReadOnlySpan<byte> file, ulong type, out long offset, out long strings)
    {
        (offset, strings) = (0, 0);
        if (file.Length < 64 || !file[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            return false;
        var table = (long)Number(file, 40, 8);
        long size = (long)Number(file, 58, 2),
            count = (long)Number(file, 60, 2);
        for (var i = 0; i < count; i++)
        {
            var header = table + i * size;
            if (Number(file, header + 4, 4) != type)
                continue;
            offset = (long)Number(file, header + 24, 8);
            strings = (long)Number(file, table + (long)Number(file, header + 40, 4) * size + 24, 8);
            return true;
        }

        return false;
    }

    private static bool NameIs(ReadOnlySpan<byte> file, long at, string name)
    {
        var expected = Encoding.ASCII.GetBytes(name + "\0");
        return at >= 0
            && at <= file.Length - expected.Length
            && file.Slice((int)at, expected.Length).SequenceEqual(expected);
    }

    private static ulong Number(ReadOnlySpan<byte> file, long at, int bytes)
    {
        if (at < 0 || at > file.Length - bytes)
            return 0;
        var place = file[(int)at..];
        return bytes switch
        {
            2 => BinaryPrimitives.ReadUInt16LittleEndian(place),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(place),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(place),
        };
    }
}
