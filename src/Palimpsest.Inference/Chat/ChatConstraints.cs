using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>The constraints of a client's requests; those that come again are made once.</summary>
/// <param name="tokenizer">The model's.</param>
internal sealed class ChatConstraints(Tokenizer tokenizer)
{
    private const int MostKept = 32;

    private static readonly JsonElement AnyObject = JsonElement.Parse("""{"type": "object"}""");

    private readonly Dictionary<string, OutputConstraint> _known = [];
    private readonly Lock _lock = new();

    /// <summary>What a request's answer has to be; null for any text.</summary>
    /// <exception cref="InputException">A schema has a keyword that is not supported.</exception>
    public OutputConstraint? Of(ChatOptions? options, ToolChoice? choice)
    {
        JsonElement? schema = options?.ResponseFormat is ChatResponseFormatJson json ? json.Schema ?? AnyObject : null;
        if (choice is null && schema is null)
            return null;
        var key = Key(schema, choice);
        lock (_lock)
        {
            if (_known.TryGetValue(key, out var known))
                return known;
        }

        var made = Make(schema, choice);
        lock (_lock)
        {
            if (_known.Count >= MostKept)
                _known.Clear();
            return _known[key] = made;
        }
    }

    private OutputConstraint Make(JsonElement? schema, ToolChoice? choice)
    {
        if (choice is null)
            return OutputConstraint.Json(tokenizer, schema!.Value, "response format");
        var tokens = TokenBytes.Of(tokenizer, choice.Format.Open);
        var grammar = new ToolCallGrammar(choice.Format, choice.Callable, tokens, choice.Several);
        if (choice.IsRequired)
            return new(tokenizer, tokens, grammar.Required());
        if (schema is not { } form)
            return new(tokenizer, tokens, grammar.Allowed());
        var answer = new ExpectFrame(JsonSchemaReader.Read(form, "response format", tokens));
        return new(tokenizer, tokens, grammar.Required().Append(new(answer, null)));
    }

    private static string Key(JsonElement? schema, ToolChoice? choice)
    {
        var tools = choice?.Callable.Select(tool =>
            $"{JsonSerializer.Serialize(tool.Name)} {tool.JsonSchema.GetRawText()}"
        );
        var form = schema is { } json ? json.GetRawText() : "text";
        return $"{form}\n{choice?.IsRequired}\n{choice?.Several}\n{string.Join('\n', tools ?? [])}";
    }
}
