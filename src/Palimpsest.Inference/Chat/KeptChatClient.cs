using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>Keeps each reply in a file as it comes: a request that was answered is not sent again, in this process or
/// in a later one.</summary>
/// <remarks>Requests are the same when their messages and settings are. Streams, and requests with tools, are passed on
/// and not kept.</remarks>
public sealed class KeptChatClient : CachingChatClient
{
    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChatResponse> _replies = new(StringComparer.Ordinal);

    /// <summary>Opens the file, or begins it with the first reply.</summary>
    /// <param name="inner">Answers what was not answered before; disposed with this.</param>
    /// <param name="path">The file, JSON lines; one process writes it at a time.</param>
    /// <exception cref="InputException">The file cannot be read, or a line is damaged that is not the last.</exception>
    public KeptChatClient(IChatClient inner, string path)
        : base(inner)
    {
        _path = path;
        if (File.Exists(path))
            ReadKept();
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    ) => InnerClient.GetStreamingResponseAsync(messages, options, cancellationToken);

    /// <inheritdoc/>
    protected override bool EnableCaching(IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        options?.Tools is not { Count: > 0 } && base.EnableCaching(messages, options);

    /// <inheritdoc/>
    protected override string GetCacheKey(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        params ReadOnlySpan<object?> additionalValues
    ) => AIJsonUtilities.HashDataToString([messages, options, .. additionalValues]);

    /// <inheritdoc/>
    protected override Task<ChatResponse?> ReadCacheAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult(_replies.GetValueOrDefault(key));
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">The file cannot be written.</exception>
    protected override Task WriteCacheAsync(string key, ChatResponse value, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_replies.TryAdd(key, value))
                Append(new(key, value));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task<IReadOnlyList<ChatResponseUpdate>?> ReadCacheStreamingAsync(
        string key,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<ChatResponseUpdate>?>(null);

    /// <inheritdoc/>
    protected override Task WriteCacheStreamingAsync(
        string key,
        IReadOnlyList<ChatResponseUpdate> value,
        CancellationToken cancellationToken
    ) => Task.CompletedTask;

    // A process that was killed may have left half a line; it is cut off, and its request sent again.
    private void ReadKept()
    {
        var bytes = ReadBytes();
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        var number = 0;
        foreach (
            var line in Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries)
        )
        {
            number++;
            try
            {
                var kept = JsonSerializer.Deserialize<Kept>(line, AIJsonUtilities.DefaultOptions);
                if (kept is not { Request: { } request, Reply: { } reply })
                    throw new JsonException("it has no request and reply.");
                _replies[request] = reply;
            }
            catch (JsonException error)
            {
                throw new InputException(
                    $"{_path}, line {number}: is no reply that was kept: {error.Message.ReplaceLineEndings(" ")}",
                    error
                );
            }
        }

        if (whole == bytes.Length)
            return;
        using var file = File.OpenWrite(_path);
        file.SetLength(whole);
    }

    private byte[] ReadBytes()
    {
        try
        {
            return File.ReadAllBytes(_path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{_path}: cannot be read: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private void Append(Kept kept)
    {
        try
        {
            File.AppendAllText(_path, JsonSerializer.Serialize(kept, Line) + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{_path}: cannot be written: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static JsonSerializerOptions Line { get; } = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    private sealed record Kept(string Request, ChatResponse Reply);
}
