using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>The tools of a request, and which of them an answer can or must call.</summary>
internal sealed class ToolChoice
{
    private ToolChoice(ToolCallFormat format, IReadOnlyList<AIFunctionDeclaration> shown, ChatOptions options)
    {
        (Format, Shown) = (format, shown);
        var required = options.ToolMode as RequiredChatToolMode;
        IsRequired = required is not null;
        Callable = required?.RequiredFunctionName is { } one ? [.. shown.Where(tool => tool.Name == one)] : shown;
        Several = options.AllowMultipleToolCalls is not false;
    }

    /// <summary>How calls are written.</summary>
    public ToolCallFormat Format { get; }

    /// <summary>The tools that the model is told of.</summary>
    public IReadOnlyList<AIFunctionDeclaration> Shown { get; }

    /// <summary>The tools that it can call.</summary>
    public IReadOnlyList<AIFunctionDeclaration> Callable { get; }

    /// <summary>Whether the answer has to be a call.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether there can be more than one.</summary>
    public bool Several { get; }

    /// <summary>The choice of a request; null where it has no tools or bars them.</summary>
    /// <exception cref="InputException">A tool is no function, two have one name, a tool that has to be called is not
    /// there, or the model's form of calls is not known.</exception>
    public static ToolChoice? Of(ChatOptions? options, Tokenizer tokenizer, string model)
    {
        if (options?.Tools is not { Count: > 0 } tools)
            return options?.ToolMode is RequiredChatToolMode
                ? throw new InputException($"{model}: the request requires a call and has no tools.")
                : null;
        if (options.ToolMode is NoneChatToolMode)
            return null;
        var declared = new List<AIFunctionDeclaration>();
        foreach (var tool in tools)
        {
            if (tool is not AIFunctionDeclaration function)
                throw new InputException(
                    $"{model}: tool '{tool.Name}' is a {tool.GetType().Name}; the model calls functions alone."
                );
            if (declared.Exists(other => other.Name == function.Name))
                throw new InputException($"{model}: two tools have the name '{function.Name}'.");
            declared.Add(function);
        }

        var choice = new ToolChoice(ToolCallFormat.Of(tokenizer, model), declared, options);
        if (choice.Callable.Count == 0)
            throw new InputException(
                $"{model}: the request requires '{(options.ToolMode as RequiredChatToolMode)?.RequiredFunctionName}'; "
                    + $"its tools are {string.Join(", ", declared.Select(tool => tool.Name))}."
            );
        return choice;
    }
}
