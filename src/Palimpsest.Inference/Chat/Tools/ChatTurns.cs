using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>Messages as the objects that chat templates read.</summary>
/// <param name="format">How calls are written where the template does not.</param>
/// <param name="model">What messages call the model.</param>
internal sealed class ChatTurns(ToolCallFormat format, string model)
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>A turn of text.</summary>
    public static JsonObject Turn(string role, string content) => new() { ["role"] = role, ["content"] = content };

    /// <summary>The turns of a conversation; each result is one of its own.</summary>
    /// <exception cref="InputException">A message holds something else than text, calls or results.</exception>
    public List<JsonObject> Read(IReadOnlyList<ChatMessage> messages)
    {
        var turns = new List<JsonObject>();
        for (var i = 0; i < messages.Count; i++)
        {
            ChatSettings.Check(messages[i], i, model);
            var results = messages[i].Contents.OfType<FunctionResultContent>().ToArray();
            var calls = messages[i].Contents.OfType<FunctionCallContent>().ToArray();
            if (messages[i].Text.Length > 0 || calls.Length > 0 || results.Length == 0)
                turns.Add(Said(messages[i], calls));
            turns.AddRange(results.Select(Result));
        }

        return format.IsTemplates ? turns : Joined(turns);
    }

    private JsonObject Said(ChatMessage message, FunctionCallContent[] calls)
    {
        var turn = Turn(message.Role.Value, message.Text);
        if (calls.Length == 0)
            return turn;
        foreach (var call in calls)
            _names[call.CallId] = call.Name;
        if (format.IsTemplates)
        {
            turn["tool_calls"] = new JsonArray([.. calls.Select(Call)]);
            return turn;
        }

        var written = calls.Select(call => $"{format.Open}\n{Written(call)}\n{format.Close}");
        turn["content"] = string.Join('\n', message.Text.Length > 0 ? written.Prepend(message.Text) : written);
        return turn;
    }

    private static JsonObject Call(FunctionCallContent call) =>
        new()
        {
            ["id"] = call.CallId,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = Arguments(call) },
        };

    private static string Written(FunctionCallContent call) =>
        $"{{\"name\": \"{JsonText.Escaped(call.Name)}\", \"arguments\": "
        + $"{JsonText.Of(JsonSerializer.SerializeToElement(Arguments(call)))}}}";

    private static JsonNode Arguments(FunctionCallContent call) =>
        JsonSerializer.SerializeToNode(
            call.Arguments ?? new Dictionary<string, object?>(),
            AIJsonUtilities.DefaultOptions
        )!;

    private JsonObject Result(FunctionResultContent result)
    {
        var text = result.Result switch
        {
            null => "null",
            string plain => plain,
            JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
            var other => JsonText.Of(JsonSerializer.SerializeToElement(other, AIJsonUtilities.DefaultOptions)),
        };
        if (!format.IsTemplates)
            return Turn("user", $"<tool_response>\n{text}\n</tool_response>");
        var turn = Turn("tool", text);
        turn["tool_call_id"] = result.CallId;
        if (_names.TryGetValue(result.CallId, out var name))
            turn["name"] = name;
        return turn;
    }

    // Templates that know no tools want users and assistants to take turns.
    private static List<JsonObject> Joined(List<JsonObject> turns)
    {
        var joined = new List<JsonObject>();
        foreach (var turn in turns)
        {
            if (joined is [.., var last] && (string?)last["role"] == "user" && (string?)turn["role"] == "user")
                last["content"] = $"{last["content"]}\n{turn["content"]}";
            else
                joined.Add(turn);
        }

        return joined;
    }
}
