using System.Security.Cryptography;
using System.Text;

namespace Palimpsest.Erasure;

/// <summary>Keys on P-256 in PEM files.</summary>
internal static class PemFile
{
    private const int MostBytes = 64 << 10;
    private const string Curve = "1.2.840.10045.3.1.7";

    /// <summary>Reads a private key.</summary>
    /// <exception cref="InputException">It is none on P-256.</exception>
    public static ECDsa ReadPrivate(string path) =>
        Import(path, ReadText(path), isPrivate: true, "an unencrypted private key on P-256 in PEM");

    /// <summary>Reads a public key.</summary>
    /// <exception cref="InputException">It is none on P-256.</exception>
    public static ECDsa ReadPublic(string path) => ParsePublic(path, ReadText(path));

    /// <summary>Reads a public key.</summary>
    /// <exception cref="InputException">It is none on P-256.</exception>
    public static ECDsa ParsePublic(string place, string pem) =>
        Import(place, pem, isPrivate: false, "a public key on P-256 in PEM");

    /// <summary>Writes a file that must not be there.</summary>
    /// <param name="path">Its place.</param>
    /// <param name="text">Its content.</param>
    /// <param name="isPrivate">Whether its owner alone may read it.</param>
    /// <exception cref="InputException">It is there already or cannot be written.</exception>
    public static void WriteNew(string path, string text, bool isPrivate)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (File.Exists(path))
            throw new InputException($"{path}: is there already; a key is never overwritten.");
        try
        {
            using var stream = new FileStream(path, options);
            stream.Write(Encoding.ASCII.GetBytes(text));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be written: {error.Message}", error);
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MostBytes)
                throw new InputException($"{path}: {stream.Length} bytes; at most {MostBytes} are read of a key.");
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    private static ECDsa Import(string place, string pem, bool isPrivate, string needed)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            var parameters = key.ExportParameters(includePrivateParameters: false);
            if (parameters.Curve.Oid.Value != Curve || HasPrivate(key) != isPrivate)
                throw new CryptographicException("another kind of key.");
            return key;
        }
        catch (Exception error)
            when (error is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            key.Dispose();
            throw new InputException($"{place}: is not {needed}.", error);
        }
    }

    private static bool HasPrivate(ECDsa key)
    {
        try
        {
            CryptographicOperations.ZeroMemory(key.ExportParameters(includePrivateParameters: true).D);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
