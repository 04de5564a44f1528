using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>What a request's options and messages mean to a local model.</summary>
internal static class ChatSettings
{
    private static readonly ChatRole[] Roles = [ChatRole.System, ChatRole.User, ChatRole.Assistant, ChatRole.Tool];
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
    /// <exception cref="InputException">A message is not text of a system, user or assistant.</exception>
    public static IReadOnlyList<Turn> Turns(IReadOnlyList<ChatMessage> messages, ChatOptions? options, string model)
    {
        var turns = new List<Turn>();
        for (var i = 0; i < messages.Count; i++)
        {
            Check(messages[i], i, model);
            turns.Add(new(messages[i].Role.Value, messages[i].Text));
        }

        if (options?.Instructions is { Length: > 0 } instructions)
            turns.Insert(0, new("system", instructions));
        return turns;
    }

    /// <summary>Refuses a message that the model cannot read.</summary>
    /// <exception cref="InputException">It has another role, or holds more than text, calls and results.</exception>
    public static void Check(ChatMessage message, int number, string model)
    {
        if (!Roles.Contains(message.Role))
            throw new InputException(
                $"{model}: message {number} has the role '{message.Role.Value}'; allowed are "
                    + $"{string.Join(", ", Roles.Select(role => role.Value))}."
            );
        if (
            message.Contents.FirstOrDefault(content =>
                content
                    is not (
                        TextContent
                        or TextReasoningContent
                        or UsageContent
                        or FunctionCallContent
                        or FunctionResultContent
                    )
            ) is
            { } strange
        )
            throw new InputException(
                $"{model}: message {number} holds {strange.GetType().Name}; the model reads and writes text, calls of "
                    + "functions and their results."
            );
    }

    private static void Refuse(ChatOptions options, string model)
    {
        var complaint = options switch
        {
            { ConversationId: { } id } =>
                $"keeps no conversations, so that it cannot go on with '{id}'; send all messages",
            { ModelId: { } other } when other != model => $"cannot answer as '{other}'",
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
