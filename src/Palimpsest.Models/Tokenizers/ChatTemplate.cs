using System.Text.Json;

namespace Palimpsest.Models;

/// <summary>A model's conversation format: the Jinja subset that published templates use, taken as hostile.</summary>
/// <remarks>
/// Blocks are trimmed as transformers does. Nothing outside the given variables can be reached, and a rendering that takes
/// more than <see cref="MostSteps"/> steps or gives more than <see cref="MostCharacters"/> characters ends with an error.
/// </remarks>
public sealed class ChatTemplate
{
    /// <summary>Most steps of one rendering.</summary>
    public const int MostSteps = 2_000_000;

    /// <summary>Most UTF-16 units of one rendering.</summary>
    public const int MostCharacters = 16_000_000;

    private readonly TemplateStatement _body;
    private readonly IReadOnlyDictionary<string, string> _variables;

    /// <summary>Parses a template.</summary>
    /// <param name="source">A Jinja template as published in <c>chat_template</c>.</param>
    /// <param name="variables">Special tokens by name, for example <c>bos_token</c>.</param>
    /// <exception cref="InputException">The template uses a construct that is not supported.</exception>
    public ChatTemplate(string source, IReadOnlyDictionary<string, string> variables)
    {
        (Source, _variables) = (source, variables);
        _body = new TemplateParser(TemplateLexer.Read(source)).ParseTemplate();
    }

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>Renders the turns.</summary>
    /// <exception cref="InputException">The template raised an error or exceeded its limits.</exception>
    public string Render(IReadOnlyList<Turn> turns, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(turns);
        return Render(
            turns.Select(turn => (object?)new Dictionary<string, object?> { ["role"] = turn.Role, ["content"] = turn.Content }).ToList(),
            addGenerationPrompt, []);
    }

    /// <summary>Renders messages that have more than role and content, for example tool calls.</summary>
    /// <param name="messages">An array of objects.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the model's answer begins.</param>
    /// <param name="variables">An object of further variables such as <c>tools</c>, or null.</param>
    /// <exception cref="InputException">The template raised an error or exceeded its limits.</exception>
    public string Render(JsonElement messages, bool addGenerationPrompt, JsonElement? variables = null) =>
        Render(TemplateValue.FromJson(messages), addGenerationPrompt, [.. (variables?.EnumerateObject() ?? default)
            .Select(v => KeyValuePair.Create(v.Name, TemplateValue.FromJson(v.Value)))]);

    private string Render(object? messages, bool addGenerationPrompt, IReadOnlyList<KeyValuePair<string, object?>> extra)
    {
        var scope = TemplateScope.Root();
        foreach (var (name, value) in _variables)
            scope.Set(name, value);
        scope.Set("messages", messages);
        scope.Set("add_generation_prompt", addGenerationPrompt);
        foreach (var (name, value) in extra)
            scope.Set(name, value);
        try
        {
            _body(scope);
        }
        catch (InsufficientExecutionStackException error)
        {
            throw new InputException("Chat template: nests too deep.", error);
        }

        return scope.Run.Output.ToString();
    }
}
