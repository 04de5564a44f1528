namespace Palimpsest.Tokenizers;

internal sealed partial class TemplateParser
{
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
        } while (end == "elif");
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
        do names.Add(ExpectName());
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
                throw new InputException(
                    $"Chat template: {JsonField.Shown(names[0])} is not a namespace; only a namespace's members can be "
                        + $"set."
                );
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
        var parameters = ParseParameters();
        ExpectEnd(TemplateTokenKind.BlockEnd);
        var body = BodyUpTo("endmacro");
        return scope =>
        {
            scope.Set(name, Macro(scope, name, parameters, body));
            return TemplateFlow.Next;
        };
    }

    private TemplateStatement ParseCall()
    {
        var parameters = Is("(") ? ParseParameters() : [];
        var target = ParsePostfix(ParsePrimary(), callsLast: false);
        var arguments = ParseArguments();
        ExpectEnd(TemplateTokenKind.BlockEnd);
        var body = BodyUpTo("endcall");
        return Write(scope =>
        {
            var given = arguments(scope);
            var named = given.Named.Append(
                KeyValuePair.Create("caller", (object?)Macro(scope, "caller", parameters, body))
            );
            return TemplateValue.Show(Call(scope, target(scope), given with { Named = named.ToDictionary() }));
        });
    }

    private List<(string Name, TemplateExpression? Default)> ParseParameters()
    {
        Expect("(");
        var parameters = new List<(string Name, TemplateExpression? Default)>();
        while (!Take(")"))
        {
            var parameter = ExpectName();
            parameters.Add((parameter, Take("=") ? ParseExpression() : null));
            if (!Is(")"))
                Expect(",");
        }

        return parameters;
    }

    private static TemplateFunction Macro(
        TemplateScope scope,
        string name,
        List<(string Name, TemplateExpression? Default)> parameters,
        TemplateStatement body
    ) =>
        new(
            (_, arguments) =>
            {
                if (arguments.Positional.Count > parameters.Count)
                    throw new InputException(
                        $"Chat template: {JsonField.Shown(name)} takes at most {parameters.Count} arguments."
                    );
                var inner = scope.Inner();
                for (var i = 0; i < parameters.Count; i++)
                {
                    var (parameter, absent) = parameters[i];
                    inner.Set(
                        parameter,
                        arguments.Find(i, parameter, out var given) ? given
                            : absent is null ? new Undefined(parameter)
                            : absent(inner)
                    );
                }

                if (arguments.Named.TryGetValue("caller", out var caller))
                    inner.Set("caller", caller);
                return scope.Run.Enter(() => Capture(inner, body));
            }
        );
}
