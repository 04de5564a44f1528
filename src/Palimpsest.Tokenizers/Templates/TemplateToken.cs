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
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Value, int Line);
