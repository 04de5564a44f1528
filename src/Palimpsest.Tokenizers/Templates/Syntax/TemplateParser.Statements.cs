namespace Palimpsest.Tokenizers;

internal sealed partial class TemplateParser
{
    private const string NoLoader = "a chat template stands alone, there are no others to load.";

    private int _loops;

    private TemplateStatement ParseBlock(string name)
    {
        switch (name)
        {
            case "if":
                return ParseIf();
            case "for":
                return ParseFor();
            case "set":
                return ParseSet();
            case "with":
                return ParseWith();
            case "macro":
                return ParseMacro();
            case "call":
                return ParseCall();
            case "filter":
                return ParseFilterBlock();
            case "generation":
                return ParseGeneration();
            case "print":
                return ParsePrint();
            case "break":
                return ParseJump(TemplateFlow.Break);
            case "continue":
                return ParseJump(TemplateFlow.Continue);
            default:
                _at--;
                throw Error(WhyNot(name));
        }
    }

    /// <summary>Why a statement is not supported; those of Jinja's own documentation by name.</summary>
    private static string WhyNot(string name) =>
        name switch
        {
            "block" or "extends" or "include" or "import" or "from" => $"'{name}' is not supported: {NoLoader}",
            "autoescape" => "'autoescape' is not supported: chat templates write plain text.",
            "trans" or "pluralize" or "do" or "debug" =>
                $"'{name}' is not supported: it belongs to an extension of Jinja that chat templates do not have.",
            _ => $"{JsonField.Shown(name)} is not supported; supported are if, for, set, with, macro, call, filter, "
                + "generation, print, raw, break, continue.",
        };

    private TemplateStatement ParseIf()
    {
        var branches = new List<(TemplateExpression Condition, TemplateStatement Body)>();
        TemplateStatement otherwise = _ => TemplateFlow.Next;
        var known = _unknown.Count;
        do
        {
            var condition = ParseTuple(allowCondition: false);
            OpenBody();
            branches.Add((condition, ParseBody("elif", "else", "endif")));
        } while (TakeName("elif"));
        if (TakeName("else"))
        {
            OpenBody();
            otherwise = ParseBody("endif");
        }

        TakeEnd("endif");
        Guard(known);
        return scope =>
        {
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
        var target = ParseTarget();
        if (!TakeName("in"))
            throw Error("'in' is missing in 'for'.");
        var items = ParseTuple(allowCondition: false);
        var filter = TakeName("if") ? ParseExpression() : null;
        var isRecursive = TakeName("recursive");
        OpenBody();
        _loops++;
        var body = ParseBody("else", "endfor");
        _loops--;
        TemplateStatement? otherwise = null;
        if (TakeName("else"))
        {
            OpenBody();
            otherwise = ParseBody("endfor");
        }

        TakeEnd("endfor");
        var text = new TemplateLoopText(target, filter, body, otherwise, isRecursive);
        return scope => TemplateLoop.Run(text, scope, items(scope));
    }

    /// <summary>One name, or several divided by commas, within parentheses or not.</summary>
    private TemplateTarget ParseTarget(bool takesMembers = false)
    {
        var first = ParseOneTarget(takesMembers);
        if (!Is(","))
            return first;
        var parts = new List<TemplateTarget> { first };
        while (Take(",") && (Current.Kind == TemplateTokenKind.Name || Is("(")) && !IsName("in"))
            parts.Add(ParseOneTarget(takesMembers));
        return new TemplateTarget(parts);
    }

    private TemplateTarget ParseOneTarget(bool takesMembers)
    {
        if (Take("("))
        {
            var inner = Nested(() => ParseTarget(takesMembers));
            Expect(")");
            return inner;
        }

        var name = ExpectName();
        return takesMembers && Take(".") ? new TemplateTarget(name, ExpectName()) : new TemplateTarget(name);
    }

    private TemplateStatement ParseSet()
    {
        var target = ParseTarget(takesMembers: true);
        if (Take("="))
        {
            var value = ParseTuple();
            ExpectEnd(TemplateTokenKind.BlockEnd);
            return scope => Assigned(target, scope, value(scope));
        }

        var filter = Is("|") ? ParseFilterChain(Inside) : Inside;
        OpenBody();
        var body = WithoutLoop(() => BodyUpTo("endset"));
        return scope => Assigned(target, scope, filter(Holding(scope, body)));
    }

    private static TemplateFlow Assigned(TemplateTarget target, TemplateScope scope, object? value)
    {
        target.Assign(scope, value);
        return TemplateFlow.Next;
    }

    private TemplateStatement ParseFilterBlock()
    {
        var filter = ParseFilterChain(Inside, startsInline: true);
        OpenBody();
        var body = WithoutLoop(() => BodyUpTo("endfilter"));
        return Write(scope => TemplateValue.Show(filter(Holding(scope, body))));
    }

    /// <summary>What a block wrote, under a name that no template can write.</summary>
    private static object? Inside(TemplateScope scope) => scope.Get("");

    private static TemplateScope Holding(TemplateScope scope, TemplateStatement body)
    {
        var inner = scope.Inner();
        inner.Set("", scope.Run.Capture(body, scope));
        return inner;
    }

    private TemplateStatement ParseWith()
    {
        var parts = new List<(TemplateTarget Target, TemplateExpression Value)>();
        while (Current.Kind != TemplateTokenKind.BlockEnd)
        {
            if (parts.Count > 0)
                Expect(",");
            var target = ParseTarget();
            Expect("=");
            parts.Add((target, ParseExpression()));
        }

        OpenBody();
        var body = BodyUpTo("endwith");
        return scope =>
        {
            var inner = scope.Inner();
            foreach (var (target, value) in parts.Select(part => (part.Target, part.Value(scope))).ToList())
                target.Assign(inner, value);
            return body(inner);
        };
    }

    private TemplateStatement ParseMacro()
    {
        var name = ExpectName();
        var text = ParseMacroText(name, ParseParameters(), "endmacro");
        return scope =>
        {
            scope.Set(name, new TemplateMacro(text, scope));
            return TemplateFlow.Next;
        };
    }

    private TemplateMacroText ParseMacroText(
        string name,
        List<(string Name, TemplateExpression? Default)> parameters,
        string end
    )
    {
        OpenBody();
        var outer = _uses;
        _uses = [];
        var body = WithoutLoop(() => BodyUpTo(end));
        var text = new TemplateMacroText(name, parameters, body, _uses);
        _uses = [.. outer, .. _uses];
        return text;
    }

    private TemplateStatement ParseCall()
    {
        var parameters = Is("(") ? ParseParameters() : [];
        var (place, call) = (Current, ParseExpression());
        if (!_calls.TryGetValue(call, out var parts))
            throw place.Error("'call' is expected to call a macro.");
        var text = ParseMacroText("caller", parameters, "endcall");
        return Write(scope =>
        {
            var given = parts.Arguments(scope);
            var named = new Dictionary<string, object?>(given.Named) { ["caller"] = new TemplateMacro(text, scope) };
            return TemplateValue.Show(Call(scope, parts.Target(scope), given with { Named = named }));
        });
    }

    private List<(string Name, TemplateExpression? Default)> ParseParameters()
    {
        Expect("(");
        var parameters = new List<(string Name, TemplateExpression? Default)>();
        while (!Take(")"))
        {
            if (parameters.Count > 0)
                Expect(",");
            var parameter = ExpectName();
            var absent = Take("=") ? ParseExpression() : null;
            if (absent is null && parameters is [.., { Default: not null }])
                throw Error("a parameter without a default follows one with a default.");
            parameters.Add((parameter, absent));
        }

        return parameters;
    }

    /// <summary>What the model says, marked for training: plain text here, with a scope of its own.</summary>
    private TemplateStatement ParseGeneration()
    {
        OpenBody();
        var body = WithoutLoop(() => BodyUpTo("endgeneration"));
        return Write(scope => scope.Run.Capture(body, scope));
    }

    private TemplateStatement ParsePrint()
    {
        var values = new List<TemplateExpression>();
        while (Current.Kind != TemplateTokenKind.BlockEnd)
        {
            if (values.Count > 0)
                Expect(",");
            values.Add(ParseExpression());
        }

        ExpectEnd(TemplateTokenKind.BlockEnd);
        return Write(scope => TemplateText.Join("", [.. values.Select(value => TemplateValue.Show(value(scope)))]));
    }

    private TemplateStatement ParseJump(TemplateFlow flow)
    {
        if (_loops == 0)
            throw tokens[_at - 1].Error($"'{tokens[_at - 1].Value}' stands outside of a loop.");
        ExpectEnd(TemplateTokenKind.BlockEnd);
        return _ => flow;
    }

    /// <summary>Parses a body out of which no jump can lead.</summary>
    private TemplateStatement WithoutLoop(Func<TemplateStatement> parse)
    {
        var outer = _loops;
        _loops = 0;
        var body = parse();
        _loops = outer;
        return body;
    }
}
