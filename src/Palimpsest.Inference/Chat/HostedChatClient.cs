using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Palimpsest.Inference;

/// <summary>A hosted model behind OpenAI's chat protocol, with errors that callers can tell apart.</summary>
/// <remarks>
/// Nothing is tried twice here: who asks decides that. What may go better another time (no connection, 408, 429, 5xx,
/// an answer that is not of the protocol) is an <see cref="HttpRequestException"/>; other refusals are an
/// <see cref="InputException"/>.
/// </remarks>
public sealed class HostedChatClient : DelegatingChatClient
{
    private readonly string _place;

    private HostedChatClient(IChatClient inner, string place)
        : base(inner) => _place = place;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <exception cref="InputException">The address, the model or the key's variable is missing or
    /// malformed.</exception>
    public static HostedChatClient Connect(HostedModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (
            !Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https")
        )
            throw new InputException(
                $"Endpoint '{options.Endpoint}' is not an address; allowed is one that begins with http:// or https://."
            );
        if (string.IsNullOrWhiteSpace(options.Model))
            throw new InputException($"{address}: the model's name is missing.");
        var key = "none";
        if (options.KeyVariable is { Length: > 0 } variable)
        {
            key = Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? value
                : throw new InputException($"{address}: the environment variable '{variable}' for the key is not set.");
        }

        var settings = new OpenAIClientOptions
        {
            Endpoint = address.AbsolutePath == "/" ? new Uri(address, "/v1") : address,
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        var client = new OpenAIClient(new ApiKeyCredential(key), settings).GetChatClient(options.Model).AsIChatClient();
        return new(client, $"{options.Model} at {address.GetLeftPart(UriPartial.Authority)}");
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The endpoint failed; it may answer another time.</exception>
    /// <exception cref="InputException">The endpoint refused the request.</exception>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            return await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (Translate(error) is { } known)
        {
            throw known;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="HttpRequestException">The endpoint failed; it may answer another time.</exception>
    /// <exception cref="InputException">The endpoint refused the request.</exception>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    break;
            }
            catch (Exception error) when (Translate(error) is { } known)
            {
                throw known;
            }

            yield return updates.Current;
        }
    }

    private Exception? Translate(Exception error) =>
        error switch
        {
            ClientResultException { Status: 0 } => new HttpRequestException($"{_place}: {OneLine(error)}", error),
            ClientResultException { Status: 408 or 429 or >= 500 } failed => new HttpRequestException(
                $"{_place}: status {failed.Status}",
                error,
                (System.Net.HttpStatusCode)failed.Status
            ),
            ClientResultException refused => new InputException(
                $"{_place}: the request was refused: {OneLine(error)}",
                refused
            ),
            AggregateException { InnerException: { } inner } => Translate(inner),
            JsonException
            or FormatException
            or KeyNotFoundException
            or InvalidOperationException
            or ArgumentException => new HttpRequestException(
                $"{_place}: the answer is not of OpenAI's chat protocol: {OneLine(error)}",
                error
            ),
            _ => null,
        };

    private static string OneLine(Exception error)
    {
        var text = string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= 200 ? text : text[..200] + "…";
    }
}
