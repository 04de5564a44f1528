using System.Text;
using Microsoft.Extensions.AI;

namespace Palimpsest.Inference;

/// <summary>The calls that a request allows, as an automaton has them.</summary>
internal sealed class ToolCallGrammar
{
    private readonly ValueSchema _calls;
    private readonly TextFrame _open;
    private readonly TextFrame? _close;
    private readonly ToolCallFormat _format;
    private readonly bool _several;

    /// <summary>Joins tools.</summary>
    /// <param name="format">How calls are written.</param>
    /// <param name="tools">At least one.</param>
    /// <param name="tokens">The vocabulary.</param>
    /// <param name="several">Whether an answer can have more than one call.</param>
    /// <exception cref="InputException">The parameters of a tool have a keyword that is not supported.</exception>
    public ToolCallGrammar(
        ToolCallFormat format,
        IEnumerable<AIFunctionDeclaration> tools,
        TokenBytes tokens,
        bool several
    )
    {
        (_format, _several, _open) = (format, several, TextFrame.Of(tokens, format.Open));
        _close = format.Close.Length > 0 ? TextFrame.Of(tokens, format.Close) : null;
        var (call, made) = (new ValueSchema(), new List<ValueSchema>());
        foreach (var tool in tools)
        {
            var name = new ValueSchema();
            name.Nodes.Add(new LiteralNode(tokens, $"\"{JsonText.Escaped(tool.Name)}\""));
            var arguments = JsonSchemaReader.Read(tool.JsonSchema, $"tool '{tool.Name}'", tokens);
            var properties = new List<ObjectProperty>
            {
                new("name", name, IsRequired: true),
                new(format.Arguments, arguments, IsRequired: true),
            };
            if (format.IsList)
                properties.Add(new("id", Text(tokens, made), IsRequired: false));
            call.Nodes.Add(new ObjectNode(tokens, properties, null));
            made.Add(name);
        }

        _calls = call;
        if (format.IsList)
        {
            _calls = new();
            _calls.Nodes.Add(new ArrayNode([], call, 1, several ? int.MaxValue : 1));
        }

        SchemaFloor.Lay([.. made, call, _calls]);
        Open = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(format.Open));
    }

    /// <summary>What stands before a call, one character for each byte.</summary>
    public string Open { get; }

    /// <summary>True when an answer that begins with a brace is a call.</summary>
    public bool BeginsWithBrace => _format.BeginsWithBrace;

    /// <summary>An answer that has to be a call.</summary>
    public IEnumerable<Cursor> Required()
    {
        yield return Marked();
        if (BeginsWithBrace)
            yield return AfterOpen(null);
    }

    /// <summary>An answer that can be a call or text.</summary>
    public IEnumerable<Cursor> Allowed()
    {
        yield return new(new FreeTextFrame(this, 0, HasBegun: false), null);
        if (BeginsWithBrace)
            yield return AfterOpen(null);
    }

    /// <summary>A call with its mark, and more calls where there can be.</summary>
    public Cursor Marked() =>
        new(_open, AfterOpen(_several && _close is not null ? new(new MoreCallsFrame(this), null) : null));

    /// <summary>What follows a mark within text.</summary>
    public Cursor WithinText() =>
        AfterOpen(_several && _close is not null ? new(new FreeTextFrame(this, 0, HasBegun: true), null) : null);

    private Cursor AfterOpen(Cursor? after) =>
        new(new ExpectFrame(_calls), _close is null ? after : new(_close, after));

    private static ValueSchema Text(TokenBytes tokens, List<ValueSchema> made)
    {
        var text = new ValueSchema();
        text.Nodes.Add(new StringNode(tokens, 0, 64));
        made.Add(text);
        return text;
    }
}
