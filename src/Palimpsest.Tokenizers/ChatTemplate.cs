using System.Text.Json;

namespace Palimpsest.Tokenizers;

/// <summary>A model's conversation format: the Jinja subset that published templates use, taken as hostile.</summary>
/// <remarks>
/// Blocks are trimmed as transformers does. Nothing outside the given variables can be reached, and a rendering that
/// exceeds <see cref="MostSteps"/>, <see cref="MostCharacters"/>, <see cref="MostWork"/> or <see cref="MostCalls"/>
/// ends with an error. Safe to use from many threads at once.
/// </remarks>
public sealed class ChatTemplate
{
    /// <summary>Most steps of one rendering.</summary>
    public const int MostSteps = 2_000_000;

    /// <summary>Most UTF-16 units of one rendering and of every text within it.</summary>
    public const int MostCharacters = 16_000_000;

    /// <summary>Most characters and items that one rendering can make or look at.</summary>
    public const int MostWork = 50_000_000;

    /// <summary>Most macros that can be within each other at once.</summary>
    public const int MostCalls = 100;

    private static readonly string[] AbsentUnlessGiven = ["tools", "documents"];

    private readonly TemplateStatement _body;
    private readonly IReadOnlyDictionary<string, string> _variables;

    /// <summary>Compiles a template.</summary>
    /// <param name="source">A Jinja template as published in <c>chat_template</c>.</param>
    /// <param name="variables">Special tokens by name, for example <c>bos_token</c>.</param>
    /// <exception cref="InputException">The template uses a construct that is not supported.</exception>
    public ChatTemplate(string source, IReadOnlyDictionary<string, string> variables)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(variables);
        (Source, _variables) = (source, variables);
        try
        {
            _body = new TemplateParser(TemplateLexer.Read(source)).ParseTemplate();
        }
        catch (InsufficientExecutionStackException error)
        {
            throw new InputException("Chat template: nests too deep.", error);
        }
        catch (TemplateError error)
        {
            throw new InputException($"Chat template: {error.Message}", error);
        }
    }

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>The clock of templates that write today's date; the system's unless said otherwise.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Renders the turns.</summary>
    /// <exception cref="InputException">The template raised an error or exceeded its limits.</exception>
    public string Render(IReadOnlyList<Turn> turns, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(turns);
        var messages = turns.Select(turn =>
        {
            var message = new TemplateMapping();
            message[new TemplateKey("role")] = turn.Role;
            message[new TemplateKey("content")] = turn.Content;
            return (object?)message;
        });
        return Render(messages.ToList(), addGenerationPrompt, []);
    }

    /// <summary>Renders messages that have more than role and content, for example tool calls.</summary>
    /// <param name="messages">An array of objects.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the model's answer begins.</param>
    /// <param name="variables">An object of further variables such as <c>tools</c>, or null.</param>
    /// <exception cref="InputException">The template raised an error or exceeded its limits.</exception>
    public string Render(JsonElement messages, bool addGenerationPrompt, JsonElement? variables = null) =>
        Render(
            TemplateValue.FromJson(messages),
            addGenerationPrompt,
            [
                .. (variables?.EnumerateObject() ?? default).Select(v =>
                    KeyValuePair.Create(v.Name, TemplateValue.FromJson(v.Value))
                ),
            ]
        );

    private string Render(
        object? messages,
        bool addGenerationPrompt,
        IReadOnlyList<KeyValuePair<string, object?>> extra
    )
    {
        var run = new TemplateRun(Clock);
        var scope = TemplateScope.Root(run);
        foreach (var (name, value) in _variables)
            scope.Set(name, value);
        foreach (var absent in AbsentUnlessGiven)
            scope.Set(absent, null);
        scope.Set("messages", messages);
        scope.Set("add_generation_prompt", addGenerationPrompt);
        foreach (var (name, value) in extra)
            scope.Set(name, value);
        try
        {
            return run.Render(_body, scope);
        }
        catch (InsufficientExecutionStackException error)
        {
            throw new InputException("Chat template: nests too deep.", error);
        }
        catch (TemplateError error)
        {
            throw new InputException($"Chat template: {error.Message}", error);
        }
    }
}
