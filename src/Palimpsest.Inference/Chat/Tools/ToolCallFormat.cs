namespace Palimpsest.Inference;

/// <summary>How a model writes calls of tools.</summary>
/// <param name="Open">What stands before a call.</param>
/// <param name="Close">What stands after it; empty for nothing.</param>
/// <param name="Arguments">The name of the arguments beside <c>name</c>.</param>
/// <param name="IsList">Whether all calls are one list.</param>
/// <param name="IsTemplates">Whether the chat template writes tools, calls and results itself.</param>
internal sealed record ToolCallFormat(string Open, string Close, string Arguments, bool IsList, bool IsTemplates)
{
    /// <summary>The text that stands for itself only at the beginning of an answer: a call without a mark.</summary>
    public bool BeginsWithBrace => Close.Length == 0 && !IsList;

    /// <summary>The format that a chat template writes; where it knows no tools, Hermes's, with tools described in the
    /// first message of the user.</summary>
    /// <exception cref="InputException">The template writes calls in a form that is not known.</exception>
    public static ToolCallFormat Of(Tokenizer tokenizer, string model)
    {
        var template = tokenizer.ChatTemplate?.Source ?? "";
        bool Has(string text) => template.Contains(text, StringComparison.Ordinal);
        if (Has("<tool_call>") && !Has("<function="))
            return new("<tool_call>", "</tool_call>", "arguments", IsList: false, IsTemplates: true);
        if (Has("[TOOL_CALLS]") && !Has("[ARGS]"))
            return new("[TOOL_CALLS]", "", "arguments", IsList: true, IsTemplates: true);
        if (Has("python_tag") || (Has("\"parameters\"") && Has("tools")))
            return new("<|python_tag|>", "", "parameters", IsList: false, IsTemplates: true);
        return Has("tools")
            ? throw new InputException(
                $"{model}: the chat template writes calls of tools in a form that is not known; known are those of "
                    + "Hermes and Qwen, Llama 3 and Mistral."
            )
            : new("<tool_call>", "</tool_call>", "arguments", IsList: false, IsTemplates: false);
    }
}
