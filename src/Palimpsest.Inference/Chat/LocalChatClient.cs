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
/// representation factory may give whole <see cref="GenerationOptions"/>, logit processors included. Reasoning
/// settings, conversation ids and the id of another model are refused.
/// </para>
/// <para>
/// A JSON format is a constraint: the answer is JSON of the schema (an object where there is none) unless the tokens or
/// a stop text end it before. Tools are functions; the chat template writes them, calls and results, where it knows
/// them, else the first message of the user begins with them. A call's name and arguments always are those of a tool;
/// a tool mode that requires a call gets one, none hides the tools. See docs/structured-output.md.
/// </para>
/// <para>
/// Messages: text, calls and results of the roles system, user, assistant and tool; names and reasoning are left out;
/// all else is refused.
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
    private readonly ChatConstraints _constraints = new(model.Tokenizer);
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
        ChatMessage[] conversation = [.. messages];
        if (conversation.Length == 0)
            throw new InputException($"{model.Name}: the conversation has no message.");
        var choice = ToolChoice.Of(options, model.Tokenizer, model.Name);
        if (_constraints.Of(options, choice) is { } constraint)
            settings = settings with { LogitProcessors = [.. settings.LogitProcessors, constraint] };
        var prompt =
            choice is null && !ChatPrompt.HasCalls(conversation)
                ? model.EncodeConversation(ChatSettings.Turns(conversation, options, model.Name), true)
                : ChatPrompt.Encode(model, conversation, options, choice);
        return StreamAsync(prompt, settings, choice is null ? null : new(choice.Format), cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(ChatClientMetadata))
            return _metadata;
        return Array.Find<object>([this, model], serviceType.IsInstanceOfType);
    }

    /// <inheritdoc/>
    public void Dispose() { }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        int[] prompt,
        GenerationOptions settings,
        ToolCallReader? calls,
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
            var piece in model
                .StreamAsync(new Prompt(prompt), settings, row => end = row, cancellationToken)
                .ConfigureAwait(false)
        )
        {
            if (calls is null)
                yield return Update(new TextContent(piece));
            else if (calls.Add(piece) is { Count: > 0 } contents)
                yield return Update([.. contents]);
        }

        if (calls?.End() is { Count: > 0 } rest)
            yield return Update([.. rest]);
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
        last.FinishReason = Reason(end, calls);
        yield return last;
    }

    private static ChatFinishReason Reason(GeneratedRow end, ToolCallReader? calls)
    {
        if (end.End == GenerationEnd.Length)
            return ChatFinishReason.Length;
        return calls is { HasCalls: true } ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
    }
}
