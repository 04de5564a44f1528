using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Palimpsest.Inference;

/// <summary>A local model as an <see cref="IChatClient"/>: streaming, options, usage, stop texts, seed,
/// cancellation.</summary>
/// <remarks>
/// <para>
/// Options: temperature, top-p, top-k, frequency and presence penalties, seed, stop texts, most tokens and instructions
/// work as they say; <c>repetition_penalty</c>, <c>min_p</c> and <c>kv</c> (a cache policy, or the text that
/// <see cref="KvPolicyExpression"/> reads) come from the additional properties, of which others are refused; a raw
/// representation factory may give whole <see cref="GenerationOptions"/>, logit processors included. Tools, JSON
/// formats, reasoning settings, conversation ids and the id of another model are refused.
/// </para>
/// <para>
/// Messages: text of the roles system, user and assistant; names and reasoning are left out; all else is refused.
/// Requests that come together are decoded together. The same seed, options and messages give the same answer, bit for
/// bit when a request is alone; beside others, logits can differ in the last bits.
/// </para>
/// </remarks>
/// <param name="model">Answers; stays the caller's.</param>
/// <param name="defaults">What options that a request leaves out are.</param>
/// <param name="clock">Tells when a reply was made; the system's by default.</param>
/// <param name="logger">Told of every reply in ids and numbers; nobody by default.</param>
public sealed class LocalChatClient(
    GeneratingModel model,
    GenerationOptions? defaults = null,
    TimeProvider? clock = null,
    ILogger<LocalChatClient>? logger = null
) : IChatClient
{
    private readonly ILogger _logger = logger ?? NullLogger<LocalChatClient>.Instance;
    private readonly GenerationOptions _defaults = defaults ?? new();
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ChatClientMetadata _metadata = new("palimpsest", null, model.Name);

    /// <inheritdoc/>
    /// <exception cref="InputException">An option or a message cannot be honoured, or the conversation fills the
    /// model's positions.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (
            var update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false)
        )
            updates.Add(update);
        return updates.ToChatResponse();
    }

    /// <inheritdoc/>
    /// <exception cref="InputException">An option or a message cannot be honoured, or the conversation fills the
    /// model's positions.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        var settings = ChatSettings.Of(options, _defaults, this, model.Name);
        var prompt = model.EncodeConversation(
            ChatSettings.Turns(messages, options, model.Name),
            addGenerationPrompt: true
        );
        return StreamAsync(prompt, settings, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType.IsInstanceOfType(model) ? model
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        int[] prompt,
        GenerationOptions settings,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (id, created) = (Guid.NewGuid().ToString("N"), _clock.GetUtcNow());
        var started = _clock.GetTimestamp();
        GeneratedRow? end = null;
        ChatResponseUpdate Update(params AIContent[] contents) =>
            new(ChatRole.Assistant, contents)
            {
                ResponseId = id,
                MessageId = id,
                ModelId = model.Name,
                CreatedAt = created,
            };
        await foreach (
            var piece in model.StreamAsync(prompt, settings, row => end = row, cancellationToken).ConfigureAwait(false)
        )
            yield return Update(new TextContent(piece));
        var tokens = end!.Tokens.Length;
        var elapsed = (long)_clock.GetElapsedTime(started).TotalMilliseconds;
        _logger.Replied(id, model.Name, prompt.Length, tokens, elapsed, end.End);
        var last = Update(
            new UsageContent(
                new()
                {
                    InputTokenCount = prompt.Length,
                    OutputTokenCount = tokens,
                    TotalTokenCount = prompt.Length + tokens,
                }
            )
        );
        last.FinishReason = end.End == GenerationEnd.Length ? ChatFinishReason.Length : ChatFinishReason.Stop;
        yield return last;
    }
}
