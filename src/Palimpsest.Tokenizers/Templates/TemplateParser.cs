namespace Palimpsest.Tokenizers;

/// <summary>Parses statements; expressions are in the other part.</summary>
internal sealed partial class TemplateParser(List<TemplateToken> tokens)
{
    private const int MostDepth = 200;
    private const int MostParts = 1000;
    private int _at;
    private int _depth;

    private TemplateToken Current => tokens[_at];

    /// <summary>Parses a whole template.</summary>
    /// <exception cref="InputException">It is not a template of the supported kind.</exception>
    public TemplateStatement ParseTemplate()
    {
        var body = ParseBody(out var end);
        return end is null ? body : throw Error($"{JsonField.Shown(end)} closes nothing.");
    }

    private InputException Error(string complaint) => new($"Chat template, line {Current.Line}: {complaint}");

    private T Nested<T>(Func<T> parse)
    {
        if (++_depth > MostDepth)
            throw Error($"nests deeper than {MostDepth}.");
        var result = parse();
        _depth--;
        return result;
    }

    private void CountPart(ref int parts)
    {
        if (++parts > MostParts)
            throw Error($"an expression of more than {MostParts} parts.");
    }

    private bool Is(string op) => Current.Kind == TemplateTokenKind.Operator && Current.Value == op;

    private bool IsName(string name) => Current.Kind == TemplateTokenKind.Name && Current.Value == name;

    private bool Take(string op)
    {
        if (!Is(op))
            return false;
        _at++;
        return true;
    }

    private bool TakeName(string name)
    {
        if (!IsName(name))
            return false;
        _at++;
        return true;
    }

    private void Expect(string op)
    {
        if (!Take(op))
            throw Error($"'{op}' is expected where {JsonField.Shown(Current.Value)} is.");
    }

    private string ExpectName()
    {
        if (Current.Kind != TemplateTokenKind.Name)
            throw Error($"a name is expected where {JsonField.Shown(Current.Value)} is.");
        return tokens[_at++].Value;
    }

    private void ExpectEnd(TemplateTokenKind kind)
    {
        if (Current.Kind != kind)
            throw Error($"the tag is expected to end where {JsonField.Shown(Current.Value)} is.");
        _at++;
    }

    /// <summary>Parses up to a tag that the caller has to take: an end tag, else or elif; null at the template's
    /// end.</summary>
    private TemplateStatement ParseBody(out string? end)
    {
        var parts = new List<TemplateStatement>();
        while (Current.Kind != TemplateTokenKind.End)
        {
            var token = tokens[_at++];
            if (token.Kind == TemplateTokenKind.Text)
            {
                parts.Add(Write(_ => token.Value));
            }
            else if (token.Kind == TemplateTokenKind.OutputStart)
            {
                var value = ParseTuple();
                ExpectEnd(TemplateTokenKind.OutputEnd);
                parts.Add(Write(scope => TemplateValue.Show(value(scope))));
            }
            else
            {
                var name = ExpectName();
                if (name is "else" or "elif" || name.StartsWith("end", StringComparison.Ordinal))
                {
                    end = name;
                    return Sequence(parts);
                }

                parts.Add(Nested(() => ParseBlock(name)));
            }
        }

        end = null;
        return Sequence(parts);
    }

    private static TemplateStatement Write(Func<TemplateScope, string> text) =>
        scope =>
        {
            scope.Run.Step();
            scope.Run.Write(text(scope));
            return TemplateFlow.Next;
        };

    private static TemplateStatement Sequence(List<TemplateStatement> parts) =>
        scope =>
        {
            scope.Run.Step();
            foreach (var part in parts)
            {
                if (part(scope) is var flow and not TemplateFlow.Next)
                    return flow;
            }

            return TemplateFlow.Next;
        };

    private TemplateStatement ParseBlock(string name) =>
        name switch
        {
            "if" => ParseIf(),
            "for" => ParseFor(),
            "set" => ParseSet(),
            "macro" => ParseMacro(),
            "call" => ParseCall(),
            "generation" => ParsePlainBlock("endgeneration"),
            "filter" => ParseFilterBlock(),
            "break" => Jump(TemplateFlow.Break),
            "continue" => Jump(TemplateFlow.Continue),
            _ => throw Error(
                $"{JsonField.Shown(name)} is not supported; supported are if, for, set, macro, call, filter, "
                    + $"generation, raw, break, continue."
            ),
        };

    private TemplateStatement Jump(TemplateFlow flow)
    {
        ExpectEnd(TemplateTokenKind.BlockEnd);
        return _ => flow;
    }

    private TemplateStatement BodyUpTo(string end)
    {
        var body = ParseBody(out var found);
        if (found != end)
            throw Error($"'{end}' is missing.");
        ExpectEnd(TemplateTokenKind.BlockEnd);
        return body;
    }

    private TemplateStatement ParsePlainBlock(string end)
    {
        ExpectEnd(TemplateTokenKind.BlockEnd);
        return BodyUpTo(end);
    }
}
