using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>Conversations with tools, calls and results as templates take them.</summary>
internal static class ChatPrompt
{
    private const string Instruction =
        "You may call functions. To call one, answer with nothing but\n<tool_call>\n"
        + "{\"name\": \"the function's name\", \"arguments\": {the arguments by name}}\n</tool_call>\n"
        + "and you get its result. The functions are:";

    /// <summary>True for a conversation that is not text alone.</summary>
    public static bool HasCalls(IEnumerable<ChatMessage> messages) =>
        messages.Any(message =>
            message.Role == ChatRole.Tool
            || message.Contents.Any(content => content is FunctionCallContent or FunctionResultContent)
        );

    /// <summary>The ids of a conversation with tools.</summary>
    /// <param name="model">Encodes.</param>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">Instructions.</param>
    /// <param name="choice">The tools; null for none.</param>
    /// <exception cref="InputException">A message holds what the model does not read, or the template refuses
    /// it.</exception>
    public static int[] Encode(
        GeneratingModel model,
        IReadOnlyList<ChatMessage> messages,
        ChatOptions? options,
        ToolChoice? choice
    )
    {
        var format = choice?.Format ?? ToolCallFormat.Of(model.Tokenizer, model.Name);
        var turns = new ChatTurns(format, model.Name).Read(messages);
        if (options?.Instructions is { Length: > 0 } instructions)
            turns.Insert(0, ChatTurns.Turn("system", instructions));
        var tools = new JsonArray([.. choice?.Shown.Select(Declaration) ?? []]);
        if (!format.IsTemplates)
            return model.EncodeConversation(Plain(turns, tools), addGenerationPrompt: true);
        var variables = tools.Count == 0 ? [] : new JsonObject { ["tools"] = tools };
        var text = model.Tokenizer.ChatTemplate!.Render(
            JsonSerializer.SerializeToElement(new JsonArray([.. turns])),
            addGenerationPrompt: true,
            JsonSerializer.SerializeToElement(variables)
        );
        return model.Tokenizer.Encode(text, addSpecialTokens: false);
    }

    private static JsonObject Declaration(AIFunctionDeclaration tool) =>
        new()
        {
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = tool.Name,
                ["description"] = tool.Description,
                ["parameters"] = JsonNode.Parse(tool.JsonSchema.GetRawText()),
            },
        };

    private static List<Turn> Plain(List<JsonObject> turns, JsonArray tools)
    {
        var plain = turns.Select(turn => new Turn((string)turn["role"]!, (string)turn["content"]!)).ToList();
        if (tools.Count == 0)
            return plain;
        var text =
            $"{Instruction}\n{string.Join('\n', tools.Select(tool => JsonText.Of(Element(tool!["function"]!))))}";
        // Not every template writes a system message.
        var first = plain.FindIndex(turn => turn.Role == "user");
        if (first < 0)
            plain.Add(Turn.User(text));
        else
            plain[first] = Turn.User($"{text}\n\n{plain[first].Content}");
        return plain;
    }

    private static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node);
}
