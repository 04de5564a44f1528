namespace Palimpsest.Models;

/// <summary>Which outputs a matching entry of a <see cref="GraceCodebook"/> replaces.</summary>
public enum GraceReplacement
{
    /// <summary>That of the last token of the prompt alone, as published runs do.</summary>
    LastPromptToken,

    /// <summary>That of the last token of the prompt and of every token of the answer.</summary>
    LastPromptTokenOnwards,
}
