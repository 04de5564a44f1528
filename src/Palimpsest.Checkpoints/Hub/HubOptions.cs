namespace Palimpsest.Checkpoints;

/// <summary>Where models come from and where they are kept; the names are those of Hugging Face's own tools.</summary>
public sealed record HubOptions
{
    private const string PublicHub = "https://huggingface.co";

    /// <summary>The hub's address, http or https.</summary>
    public Uri Endpoint
    {
        get;
        init =>
            field =
                value.IsAbsoluteUri && value.Scheme is "https" or "http"
                    ? value
                    : throw new InputException($"HF_ENDPOINT: '{value}' is not an address that begins with https://.");
    } = new(PublicHub);

    /// <summary>The folder of the cache, which holds one folder a repository.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Sent to the hub alone, never to where it forwards; null for public models.</summary>
    public string? Token { get; init; }

    /// <summary>Use what is in the cache and ask nobody.</summary>
    public bool Offline { get; init; }

    /// <summary>Times that a request is tried when the hub fails, at least 1.</summary>
    public int Attempts
    {
        get;
        init => field = Require.AtLeast(value, 1);
    } = 5;

    /// <summary>Wait before the second try; each later one is twice as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What HF_ENDPOINT, HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_TOKEN, HF_TOKEN_PATH and HF_HUB_OFFLINE say.
    /// </summary>
    /// <param name="variable">Reads an environment variable; the process's own by default.</param>
    /// <exception cref="InputException">The endpoint is no address.</exception>
    public static HubOptions FromEnvironment(Func<string, string?>? variable = null)
    {
        var environment = variable ?? Environment.GetEnvironmentVariable;
        string? Named(string name) => environment(name) is { Length: > 0 } value ? value : null;
        var caches =
            Named("XDG_CACHE_HOME")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var home = Named("HF_HOME") ?? Path.Combine(caches, "huggingface");
        return new()
        {
            Endpoint = Address(Named("HF_ENDPOINT") ?? PublicHub),
            CacheFolder = Named("HF_HUB_CACHE") ?? Path.Combine(home, "hub"),
            Token = Named("HF_TOKEN") ?? Saved(Named("HF_TOKEN_PATH") ?? Path.Combine(home, "token")),
            Offline = Named("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON",
        };
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var address)
            ? address
            : throw new InputException($"HF_ENDPOINT: '{text}' is not an address that begins with https://.");

    private static string? Saved(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: the token cannot be read: {error.Message}", error);
        }
    }
}
