namespace Palimpsest.Models;

/// <summary>Renders a conversation into the text that a model was trained on.</summary>
public sealed class ChatTemplate
{
    /// <summary>Compiles a template.</summary>
    /// <param name="source">A Jinja template as published in <c>chat_template</c>.</param>
    /// <param name="variables">Special tokens by name, for example <c>bos_token</c>.</param>
    /// <exception cref="InputException">The template uses a construct that is not supported.</exception>
    public ChatTemplate(string source, IReadOnlyDictionary<string, string> variables) => throw new NotImplementedException();

    /// <summary>The template's text.</summary>
    public string Source => throw new NotImplementedException();

    /// <summary>Renders the turns.</summary>
    /// <exception cref="InputException">The template raised an error or exceeded its limits.</exception>
    public string Render(IReadOnlyList<Turn> turns, bool addGenerationPrompt) => throw new NotImplementedException();
}
