namespace Palimpsest.Models;

/// <summary>Parses statements; expressions are in the other part.</summary>
internal sealed partial class TemplateParser(List<TemplateToken> tokens)
{
    private int _at;

    private TemplateToken Current => tokens[_at];

    /// <summary>Parses a whole template.</summary>
    /// <exception cref="InputException">It is not a template of the supported kind.</exception>
    public TemplateStatement ParseTemplate()
    {
        var body = ParseBody(out var end);
        return end is null ? body : throw Error($"'{end}' closes nothing.");
    }

    private InputException Error(string complaint) => new($"Chat template, line {Current.Line}: {complaint}");

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
            throw Error($"'{op}' is expected where '{Current.Value}' is.");
    }

    private string ExpectName()
    {
        if (Current.Kind != TemplateTokenKind.Name)
            throw Error($"a name is expected where '{Current.Value}' is.");
        return tokens[_at++].Value;
    }

    private void ExpectEnd(TemplateTokenKind kind)
    {
        if (Current.Kind != kind)
            throw Error($"the tag is expected to end where '{Current.Value}' is.");
        _at++;
    }

    /// <summary>Parses up to a tag that the caller has to take: an end tag, else or elif; null at the template's end.</summary>
    private TemplateStatement ParseBody(out string? end)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
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

                parts.Add(ParseBlock(name));
            }
        }

        end = null;
        return Sequence(parts);
    }

    private static TemplateStatement Write(Func<TemplateScope, string> text) => scope =>
    {
        scope.Run.Step();
        scope.Run.Output.Append(text(scope));
        TemplateRun.CheckLength(scope.Run.Output.Length);
        return TemplateFlow.Next;
    };

    private static TemplateStatement Sequence(List<TemplateStatement> parts) => scope =>
    {
        foreach (var part in parts)
        {
            if (part(scope) is var flow and not TemplateFlow.Next)
                return flow;
        }

        return TemplateFlow.Next;
    };

    private TemplateStatement ParseBlock(string name) => name switch
    {
        "if" => ParseIf(),
        "for" => ParseFor(),
        "set" => ParseSet(),
        "macro" => ParseMacro(),
        "generation" => ParsePlainBlock("endgeneration"),
        "filter" => ParseFilterBlock(),
        "break" => Jump(TemplateFlow.Break),
        "continue" => Jump(TemplateFlow.Continue),
        _ => throw Error($"'{name}' is not supported; supported are if, for, set, macro, filter, generation, break, continue."),
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

    private TemplateStatement ParseIf()
    {
        var branches = new List<(TemplateExpression Condition, TemplateStatement Body)>();
        TemplateStatement otherwise = _ => TemplateFlow.Next;
        string? end;
        do
        {
            var condition = ParseExpression();
            ExpectEnd(TemplateTokenKind.BlockEnd);
            branches.Add((condition, ParseBody(out end)));
        }
        while (end == "elif");
        if (end == "else")
        {
            ExpectEnd(TemplateTokenKind.BlockEnd);
            otherwise = ParseBody(out end);
        }

        if (end != "endif")
            throw Error("'endif' is missing.");
        ExpectEnd(TemplateTokenKind.BlockEnd);
        return scope =>
        {
            scope.Run.Step();
            foreach (var (condition, body) in branches)
            {
                if (TemplateValue.IsTrue(condition(scope)))
                    return body(scope);
            }

            return otherwise(scope);
        };
    }

    private TemplateStatement ParseFor()
    {
        var names = ParseTargets();
        if (!TakeName("in"))
            throw Error("'in' is missing in 'for'.");
        var items = ParseTuple(allowCondition: false);
        var filter = TakeName("if") ? ParseExpression() : null;
        ExpectEnd(TemplateTokenKind.BlockEnd);
        var body = ParseBody(out var end);
        TemplateStatement? otherwise = null;
        if (end == "else")
        {
            ExpectEnd(TemplateTokenKind.BlockEnd);
            otherwise = ParseBody(out end);
        }

        if (end != "endfor")
            throw Error("'endfor' is missing.");
        ExpectEnd(TemplateTokenKind.BlockEnd);
        return scope => TemplateLoop.Run(scope, names, items, filter, body, otherwise);
    }

    private List<string> ParseTargets()
    {
        var names = new List<string>();
        var bracketed = Take("(");
        do
            names.Add(ExpectName());
        while (Take(","));
        if (bracketed)
            Expect(")");
        return names;
    }

    private TemplateStatement ParseSet()
    {
        var names = ParseTargets();
        var member = names.Count == 1 && Take(".") ? ExpectName() : null;
        if (Take("="))
        {
            var value = ParseTuple();
            ExpectEnd(TemplateTokenKind.BlockEnd);
            return scope => Assign(scope, names, member, value(scope));
        }

        var filter = Is("|") ? ParseFilters(scope => scope.Get("")) : null;
        ExpectEnd(TemplateTokenKind.BlockEnd);
        var body = BodyUpTo("endset");
        return scope =>
        {
            object? text = Capture(scope, body);
            if (filter is not null)
            {
                var inner = scope.Inner();
                inner.Set("", text);
                text = filter(inner);
            }

            return Assign(scope, names, member, text);
        };
    }

    private TemplateStatement ParseFilterBlock()
    {
        _at--;
        tokens[_at] = new(TemplateTokenKind.Operator, "|", Current.Line);
        var filter = ParseFilters(scope => scope.Get(""));
        ExpectEnd(TemplateTokenKind.BlockEnd);
        var body = BodyUpTo("endfilter");
        return Write(scope =>
        {
            var inner = scope.Inner();
            inner.Set("", Capture(scope, body));
            return TemplateValue.Show(filter(inner));
        });
    }

    private static TemplateFlow Assign(TemplateScope scope, List<string> names, string? member, object? value)
    {
        scope.Run.Step();
        if (member is not null)
        {
            if (scope.Get(names[0]) is not TemplateNamespace target)
                throw new InputException($"Chat template: '{names[0]}' is not a namespace; only a namespace's members can be set.");
            target.Members[member] = value;
        }
        else if (names.Count == 1)
        {
            scope.Set(names[0], value);
        }
        else
        {
            TemplateLoop.Unpack(scope, names, value);
        }

        return TemplateFlow.Next;
    }

    private static string Capture(TemplateScope scope, TemplateStatement body)
    {
        var outer = scope.Run.Output;
        scope.Run.Output = new();
        try
        {
            body(scope.Inner());
            return scope.Run.Output.ToString();
        }
        finally
        {
            scope.Run.Output = outer;
        }
    }

    private TemplateStatement ParseMacro()
    {
        var name = ExpectName();
        Expect("(");
        var parameters = new List<(string Name, TemplateExpression? Default)>();
        while (!Take(")"))
        {
            var parameter = ExpectName();
            parameters.Add((parameter, Take("=") ? ParseExpression() : null));
            if (!Is(")"))
                Expect(",");
        }

        ExpectEnd(TemplateTokenKind.BlockEnd);
        var body = BodyUpTo("endmacro");
        return scope =>
        {
            scope.Set(name, new TemplateFunction((_, arguments) =>
            {
                System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
                var inner = scope.Inner();
                for (var i = 0; i < parameters.Count; i++)
                {
                    var (parameter, absent) = parameters[i];
                    inner.Set(parameter, arguments.Find(i, parameter, out var given) ? given : absent?.Invoke(scope) ?? new Undefined(parameter));
                }

                return Capture(inner, body);
            }));
            return TemplateFlow.Next;
        };
    }
}
