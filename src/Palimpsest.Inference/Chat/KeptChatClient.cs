using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>Keeps each reply in a file as it comes: a request that was answered is not sent again, in this process or
/// in a later one.</summary>
/// <remarks>Requests are the same when their messages and settings are. Streams, and requests with tools or with more
/// than text in them, are passed on and not kept.</remarks>
public sealed class KeptChatClient : DelegatingChatClient
{
    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _replies = new(StringComparer.Ordinal);

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
    /// <exception cref="InputException">The file cannot be written.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ChatMessage[] asked = [.. messages];
        if (KeyOf(asked, options) is not { } key)
            return await base.GetResponseAsync(asked, options, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_replies.TryGetValue(key, out var kept))
                return new(new ChatMessage(ChatRole.Assistant, kept));
        }

        var response = await base.GetResponseAsync(asked, options, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            if (_replies.TryAdd(key, response.Text))
                Append(new(key, response.Text));
        }

        return response;
    }

    private static string? KeyOf(ChatMessage[] messages, ChatOptions? options)
    {
        if (
            options?.Tools is { Count: > 0 }
            || messages.Any(m => m.Contents.Any(content => content is not TextContent))
        )
            return null;
        var request = new
        {
            Messages = messages.Select(message => new[] { message.Role.Value, message.Text }),
            options?.ModelId,
            options?.MaxOutputTokens,
            options?.Temperature,
            options?.TopP,
            options?.TopK,
            options?.FrequencyPenalty,
            options?.PresencePenalty,
            options?.Seed,
            options?.StopSequences,
            Format = options?.ResponseFormat is ChatResponseFormatJson json ? $"json {json.Schema}" : "",
        };
        return ContentHash.OfText(JsonSerializer.Serialize(request));
    }

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
                var kept = JsonSerializer.Deserialize<Kept>(line);
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
            File.AppendAllText(_path, JsonSerializer.Serialize(kept) + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{_path}: cannot be written: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private sealed record Kept(string Request, string Reply);
}
