using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>What a request's options and messages mean to a local model.</summary>
internal static class ChatSettings
{
    private static readonly string[] KnownProperties = ["repetition_penalty", "min_p", "kv"];

    /// <summary>How to decode: the request's values over the defaults.</summary>
    /// <exception cref="InputException">An option cannot be honoured.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static GenerationOptions Of(
        ChatOptions? options,
        GenerationOptions defaults,
        IChatClient client,
        string model
    )
    {
        if (options is null)
            return defaults;
        Refuse(options, model);
        var start = options.RawRepresentationFactory?.Invoke(client) switch
        {
            null => defaults,
            GenerationOptions raw => raw,
            var other => throw new InputException(
                $"{model}: the raw options are a {other.GetType().Name}; allowed is a {nameof(GenerationOptions)}."
            ),
        };
        return start with
        {
            MaxNewTokens = options.MaxOutputTokens ?? start.MaxNewTokens,
            Temperature = options.Temperature ?? start.Temperature,
            TopK = options.TopK ?? start.TopK,
            TopP = options.TopP ?? start.TopP,
            FrequencyPenalty = options.FrequencyPenalty ?? start.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? start.PresencePenalty,
            RepetitionPenalty = Number(options, "repetition_penalty", model) ?? start.RepetitionPenalty,
            MinP = Number(options, "min_p", model) ?? start.MinP,
            KvPolicy = Policy(options, model) ?? start.KvPolicy,
            Seed = options.Seed is { } seed ? unchecked((ulong)seed) : start.Seed,
            StopStrings = options.StopSequences is { Count: > 0 } stops ? [.. stops] : start.StopStrings,
        };
    }

    /// <summary>The conversation, instructions first.</summary>
    /// <exception cref="InputException">There is no message, or one that is not text of a system, user or
    /// assistant.</exception>
    public static IReadOnlyList<Turn> Turns(IEnumerable<ChatMessage> messages, ChatOptions? options, string model)
    {
        var turns = messages.Select((message, i) => TurnOf(message, i, model)).ToList();
        if (turns.Count == 0)
            throw new InputException($"{model}: the conversation has no message.");
        if (options?.Instructions is { Length: > 0 } instructions)
            turns.Insert(0, new("system", instructions));
        return turns;
    }

    private static Turn TurnOf(ChatMessage message, int number, string model)
    {
        if (message.Role != ChatRole.System && message.Role != ChatRole.User && message.Role != ChatRole.Assistant)
            throw new InputException(
                $"{model}: message {number} has the role '{message.Role.Value}'; allowed are system, user, assistant."
            );
        var strange = message.Contents.FirstOrDefault(content =>
            content is not (TextContent or TextReasoningContent or UsageContent)
        );
        return strange is null
            ? new(message.Role.Value, message.Text)
            : throw new InputException(
                $"{model}: message {number} holds {strange.GetType().Name}; the model reads and writes text alone."
            );
    }

    private static void Refuse(ChatOptions options, string model)
    {
        var complaint = options switch
        {
            { ConversationId: { } id } =>
                $"keeps no conversations, so that it cannot go on with '{id}'; send all messages",
            { ModelId: { } other } when other != model => $"cannot answer as '{other}'",
            { Tools.Count: > 0 } => $"calls no tools; the request has {options.Tools.Count}",
            { ToolMode: RequiredChatToolMode } => "calls no tools; the request requires a call",
            { ResponseFormat: ChatResponseFormatJson } => "cannot promise JSON; allowed is text",
            { Reasoning: not null } => "has no reasoning settings",
            { AdditionalProperties: { } more } when more.Keys.FirstOrDefault(IsUnknown) is { } unknown =>
                $"has no option '{unknown}'; beside the common ones it has {string.Join(", ", KnownProperties)}",
            _ => null,
        };
        if (complaint is not null)
            throw new InputException($"{model}: the model {complaint}.");
    }

    private static IKvPolicy? Policy(ChatOptions options, string model)
    {
        if (options.AdditionalProperties?.TryGetValue("kv", out var value) is not true || value is null)
            return null;
        return value switch
        {
            IKvPolicy policy => policy,
            string text => KvPolicyExpression.Parse(text),
            System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.String } json =>
                KvPolicyExpression.Parse(json.GetString()!),
            _ => throw new InputException($"{model}: option 'kv' is '{value}'; allowed is a policy such as tova."),
        };
    }

    private static bool IsUnknown(string property) =>
        !KnownProperties.Contains(property, StringComparer.OrdinalIgnoreCase);

    private static double? Number(ChatOptions options, string name, string model)
    {
        if (options.AdditionalProperties?.TryGetValue(name, out var value) is not true || value is null)
            return null;
        return value switch
        {
            IConvertible number when number.GetTypeCode() is >= TypeCode.SByte and <= TypeCode.Decimal =>
                number.ToDouble(System.Globalization.CultureInfo.InvariantCulture),
            System.Text.Json.JsonElement { ValueKind: System.Text.Json.JsonValueKind.Number } json => json.GetDouble(),
            _ => throw new InputException($"{model}: option '{name}' is '{value}'; allowed is a number."),
        };
    }
}
