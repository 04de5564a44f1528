namespace Palimpsest.Tokenizers;

/// <summary>Parses statements; expressions are in the other parts.</summary>
internal sealed partial class TemplateParser(List<TemplateToken> tokens)
{
    private const int MostDepth = 200;
    private const int MostParts = 1000;
    private readonly List<InputException> _unknown = []; // names outside of conditions that nothing stands behind
    private int _at;
    private int _depth;
    private HashSet<string> _uses = [];

    private TemplateToken Current => tokens[_at];

    /// <summary>Parses a whole template.</summary>
    /// <exception cref="InputException">It is not a template of the supported kind.</exception>
    public TemplateStatement ParseTemplate()
    {
        var body = ParseBody();
        if (Current.Kind != TemplateTokenKind.End)
            throw Current.Error($"{JsonField.Shown(Current.Value)} closes nothing.");
        return _unknown.Count == 0 ? body : throw _unknown[0];
    }

    private InputException Error(string complaint) => Current.Error(complaint);

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

    /// <summary>The same with its evaluation counted, so that depth and number of steps stay within limits, and with
    /// its place in what is complained about.</summary>
    private static TemplateExpression Placed(TemplateToken place, TemplateExpression expression) =>
        scope =>
        {
            try
            {
                scope.Run.Step();
                return expression(scope);
            }
            catch (TemplateError error)
            {
                throw place.Error(error.Message, error);
            }
        };

    /// <summary>The same for a statement.</summary>
    private static TemplateStatement Placed(TemplateToken place, TemplateStatement statement) =>
        scope =>
        {
            try
            {
                scope.Run.Step();
                return statement(scope);
            }
            catch (TemplateError error)
            {
                throw place.Error(error.Message, error);
            }
        };

    /// <summary>Parses up to a tag that ends what stands around, which the caller has to take, or the template's
    /// end.</summary>
    private TemplateStatement ParseBody(params string[] ends)
    {
        var parts = new List<TemplateStatement>();
        while (Current.Kind != TemplateTokenKind.End)
        {
            var token = tokens[_at++];
            if (token.Kind == TemplateTokenKind.Text)
            {
                parts.Add(Placed(token, Write(_ => token.Value)));
            }
            else if (token.Kind == TemplateTokenKind.OutputStart)
            {
                var value = ParseTuple();
                ExpectEnd(TemplateTokenKind.OutputEnd);
                parts.Add(Placed(token, Write(scope => TemplateValue.Show(value(scope)))));
            }
            else
            {
                if (Array.IndexOf(ends, Current.Value) >= 0 || IsStray())
                    return Sequence(parts);
                parts.Add(Placed(Current, Nested(() => ParseBlock(ExpectName()))));
            }
        }

        return Sequence(parts);
    }

    /// <summary>Whether a tag ends or parts a block that is not open here.</summary>
    private bool IsStray() =>
        Current.Value is "else" or "elif" || Current.Value.StartsWith("end", StringComparison.Ordinal);

    /// <summary>The end of a tag that opens a body; a colon may stand before it, as in Python.</summary>
    private void OpenBody()
    {
        Take(":");
        ExpectEnd(TemplateTokenKind.BlockEnd);
    }

    /// <summary>Parses up to an end tag and takes it.</summary>
    private TemplateStatement BodyUpTo(string end)
    {
        var body = ParseBody(end);
        TakeEnd(end);
        return body;
    }

    private void TakeEnd(string end)
    {
        if (!TakeName(end))
            throw Error($"'{end}' is missing.");
        ExpectEnd(TemplateTokenKind.BlockEnd);
    }

    private static TemplateStatement Write(Func<TemplateScope, string> text) =>
        scope =>
        {
            scope.Run.Write(text(scope));
            return TemplateFlow.Next;
        };

    private static TemplateStatement Sequence(List<TemplateStatement> parts) =>
        scope =>
        {
            foreach (var part in parts)
            {
                if (part(scope) is var flow and not TemplateFlow.Next)
                    return flow;
            }

            return TemplateFlow.Next;
        };
}
