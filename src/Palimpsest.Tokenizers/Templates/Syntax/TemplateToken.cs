namespace Palimpsest.Tokenizers;

/// <summary>Kinds of template tokens.</summary>
internal enum TemplateTokenKind
{
    Text,
    OutputStart,
    OutputEnd,
    BlockStart,
    BlockEnd,
    Name,
    Literal,
    Integer,
    Number,
    Operator,
    End,
}

/// <summary>A token of a template.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Value">Its text; of a literal, what it stands for.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its first character within the line, from 1.</param>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Value, int Line, int Column)
{
    /// <summary>A complaint about what stands here.</summary>
    public InputException Error(string complaint, Exception? cause = null) =>
        new($"Chat template, line {Line}, column {Column}: {complaint}", cause!);
}
