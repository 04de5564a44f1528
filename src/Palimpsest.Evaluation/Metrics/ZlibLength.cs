namespace Palimpsest.Evaluation;

/// <summary>Bytes that zlib needs for a text at its default level, as membership scores divide by.</summary>
/// <remarks>
/// Equal to the C library's for texts of up to 64 KiB, where its window does not slide yet. Compressors of other
/// libraries find other matches and give other lengths.
/// </remarks>
public static class ZlibLength
{
    private const int SymbolsPerBlock = 16383;
    private const int HeaderAndChecksum = 6;

    /// <summary>Length of the compressed bytes, header and checksum included.</summary>
    public static int Of(byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var bits = 0L;
        var blocks = new ZlibMatcher(data).Run().Chunk(SymbolsPerBlock).ToArray();
        foreach (var block in blocks)
            bits = ZlibBlock.End(block, block.Sum(symbol => symbol.Distance == 0 ? 1 : symbol.Length), bits);
        if (blocks.Length == 0 || blocks[^1].Length == SymbolsPerBlock)
            bits = ZlibBlock.End([], 0, bits);
        return HeaderAndChecksum + (int)((bits + 7) >> 3);
    }
}
