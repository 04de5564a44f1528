using System.Buffers.Binary;
using System.Text;

namespace Palimpsest.Models;

/// <summary>Symbol versions that a 64-bit little-endian ELF file offers (<c>.gnu.version_d</c>) or needs (<c>.gnu.version_r</c>).</summary>
internal static class ElfVersionTable
{
    /// <summary><c>VER_FLG_WEAK</c>: the loader warns instead of failing when the version is missing.</summary>
    public const ushort Weak = 2;

    private const uint VersionDefinitions = 0x6ffffffd;
    private const uint VersionNeeds = 0x6ffffffe;
    private const int MaxEntries = 100_000;

    /// <summary>True when the file defines a version of that name.</summary>
    public static bool Defines(ReadOnlySpan<byte> file, string version)
    {
        if (!TryFindSection(file, VersionDefinitions, out var section, out var strings))
            return false;
        var at = section;
        for (var i = 0; i < MaxEntries; i++)
        {
            var name = (int)U32(file, at + (int)U32(file, at + 12));
            if (NameIs(file, strings + name, version))
                return true;
            var next = (int)U32(file, at + 16);
            if (next == 0)
                return false;
            at = checked(at + next);
        }

        return false;
    }

    /// <summary>Offset of <c>vna_flags</c> of the entry that needs a version, or −1 when nothing needs it.</summary>
    public static int FindNeed(ReadOnlySpan<byte> file, string version)
    {
        if (!TryFindSection(file, VersionNeeds, out var section, out var strings))
            return -1;
        var library = section;
        for (var i = 0; i < MaxEntries; i++)
        {
            var entry = checked(library + (int)U32(file, library + 8));
            for (int k = 0, count = U16(file, library + 2); k < count; k++)
            {
                if (NameIs(file, strings + (int)U32(file, entry + 8), version))
                    return entry + 4;
                entry = checked(entry + (int)U32(file, entry + 12));
            }

            var next = (int)U32(file, library + 12);
            if (next == 0)
                return -1;
            library = checked(library + next);
        }

        return -1;
    }

    private static bool TryFindSection(ReadOnlySpan<byte> file, uint type, out int offset, out int strings)
    {
        (offset, strings) = (0, 0);
        if (file.Length < 64 || !file[..6].SequenceEqual("\u007fELF\u0002\u0001"u8))
            return false;
        var table = checked((int)U64(file, 40));
        int size = U16(file, 58), count = U16(file, 60);
        for (var i = 0; i < count; i++)
        {
            var header = checked(table + i * size);
            if (U32(file, header + 4) != type)
                continue;
            offset = checked((int)U64(file, header + 24));
            var linked = checked(table + (int)U32(file, header + 40) * size);
            strings = checked((int)U64(file, linked + 24));
            return true;
        }

        return false;
    }

    private static bool NameIs(ReadOnlySpan<byte> file, int at, string name)
    {
        var expected = Encoding.ASCII.GetBytes(name);
        return at >= 0 && at + expected.Length < file.Length
            && file.Slice(at, expected.Length).SequenceEqual(expected) && file[at + expected.Length] == 0;
    }

    private static ushort U16(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file[at..]);

    private static uint U32(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file[at..]);

    private static ulong U64(ReadOnlySpan<byte> file, int at) => BinaryPrimitives.ReadUInt64LittleEndian(file[at..]);
}
