using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>A local model as an <see cref="IChatClient"/>: streaming, options, usage, stop texts, seed, cancellation.</summary>
/// <param name="model">Answers; stays the caller's.</param>
/// <param name="defaults">What options that a request leaves out are.</param>
public sealed class LocalChatClient(LanguageModel model, GenerationOptions? defaults = null) : IChatClient
{
    private readonly GenerationOptions _defaults = defaults ?? new();
    private readonly ChatClientMetadata _metadata = new("palimpsest", null, model.Name);

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
            updates.Add(update);
        return updates.ToChatResponse();
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var turns = messages.Select(message => new Turn(message.Role.Value, message.Text)).ToList();
        if (options?.Instructions is { Length: > 0 } instructions)
            turns.Insert(0, new("system", instructions));
        var prompt = model.EncodeConversation(turns, addGenerationPrompt: true);
        var settings = Settings(options);
        var id = Guid.NewGuid().ToString("N");
        var text = new System.Text.StringBuilder();
        await foreach (var piece in model.StreamAsync(prompt, settings, cancellationToken).ConfigureAwait(false))
        {
            text.Append(piece);
            yield return new(ChatRole.Assistant, piece) { ResponseId = id, MessageId = id, ModelId = model.Name };
        }

        var tokens = model.Tokenizer.Encode(text.ToString(), addSpecialTokens: false).Length;
        yield return new()
        {
            Role = ChatRole.Assistant,
            ResponseId = id,
            MessageId = id,
            ModelId = model.Name,
            FinishReason = tokens >= settings.MaxNewTokens ? ChatFinishReason.Length : ChatFinishReason.Stop,
            Contents =
            [
                new UsageContent(new() { InputTokenCount = prompt.Length, OutputTokenCount = tokens, TotalTokenCount = prompt.Length + tokens }),
            ],
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : serviceType.IsInstanceOfType(model) ? model
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private GenerationOptions Settings(ChatOptions? options) => options is null ? _defaults : _defaults with
    {
        MaxNewTokens = options.MaxOutputTokens ?? _defaults.MaxNewTokens,
        Temperature = options.Temperature ?? _defaults.Temperature,
        TopK = options.TopK ?? _defaults.TopK,
        TopP = options.TopP ?? _defaults.TopP,
        Seed = options.Seed is { } seed ? (ulong)seed : _defaults.Seed,
        StopStrings = options.StopSequences is { Count: > 0 } stops ? [.. stops] : _defaults.StopStrings,
    };
}
