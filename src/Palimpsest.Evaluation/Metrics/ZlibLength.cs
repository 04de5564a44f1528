using ICSharpCode.SharpZipLib.Zip.Compression;

namespace Palimpsest.Evaluation;

/// <summary>Bytes that zlib needs for a text at its default level, as membership scores divide by.</summary>
/// <remarks>Lengths can differ by some bytes from those of the C library, whose matcher is another; compare scores of one run only.</remarks>
public static class ZlibLength
{
    /// <summary>Length of the compressed bytes, header and checksum included.</summary>
    public static int Of(byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var deflater = new Deflater(Deflater.DEFAULT_COMPRESSION);
        deflater.SetInput(data);
        deflater.Finish();
        var buffer = new byte[4096];
        var length = 0;
        while (!deflater.IsFinished)
            length += deflater.Deflate(buffer);
        return length;
    }
}
