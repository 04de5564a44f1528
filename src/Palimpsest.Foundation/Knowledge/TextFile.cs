using System.Text;

namespace Palimpsest.Foundation;

/// <summary>Whole text files in UTF-8.</summary>
public static class TextFile
{
    private const long MostBytes = 1_000_000_000;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">It is missing, larger than 1 GB, or not UTF-8.</exception>
    public static string Read(string path)
    {
        if (!File.Exists(path))
            throw new InputException($"{path}: there is no such file.");
        if (new FileInfo(path).Length > MostBytes)
            throw new InputException($"{path}: {new FileInfo(path).Length} bytes; at most {MostBytes} are read.");
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new InputException(
                $"{path}: cannot be read as UTF-8 text: {error.Message.ReplaceLineEndings(" ")}",
                error
            );
        }
    }
}
