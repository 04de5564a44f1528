using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Palimpsest.Tokenizers;

internal sealed partial class TemplateParser
{
    /// <summary>What calls consist of, for <c>call</c> blocks, which add a caller.</summary>
    private readonly ConditionalWeakTable<TemplateExpression, CallParts> _calls = [];

    private sealed record CallParts(TemplateExpression Target, Func<TemplateScope, TemplateArguments> Arguments);

    private TemplateExpression ParsePrimary()
    {
        var token = tokens[_at++];
        switch (token.Kind)
        {
            case TemplateTokenKind.Literal:
                var literals = new StringBuilder(token.Value);
                while (Current.Kind == TemplateTokenKind.Literal)
                    literals.Append(tokens[_at++].Value);
                var text = literals.ToString();
                return _ => text;
            case TemplateTokenKind.Integer:
                var whole = long.Parse(token.Value, CultureInfo.InvariantCulture);
                return _ => whole;
            case TemplateTokenKind.Number:
                var number = double.Parse(token.Value, CultureInfo.InvariantCulture);
                return _ => number;
            case TemplateTokenKind.Name:
                return Named(token.Value);
            case TemplateTokenKind.Operator when token.Value == "(":
                return ParseParenthesis();
            case TemplateTokenKind.Operator when token.Value == "[":
                var items = ParseItems("]");
                return scope => items.Select(item => item(scope)).ToList();
            case TemplateTokenKind.Operator when token.Value == "{":
                return ParseDictionary(token);
            default:
                throw token.Error($"a value is expected where {JsonField.Shown(token.Value)} is.");
        }
    }

    private TemplateExpression Named(string name)
    {
        if (name is "caller" or "varargs" or "kwargs")
            _uses.Add(name);
        return name switch
        {
            "true" or "True" => _ => true,
            "false" or "False" => _ => false,
            "none" or "None" => _ => null,
            _ => scope => scope.Get(name),
        };
    }

    private TemplateExpression ParseParenthesis()
    {
        if (Take(")"))
            return _ => new TemplateTuple();
        var inner = ParseTuple();
        Expect(")");
        return inner;
    }

    private List<TemplateExpression> ParseItems(string end)
    {
        var items = new List<TemplateExpression>();
        while (!Take(end))
        {
            items.Add(ParseExpression());
            if (!Is(end))
                Expect(",");
        }

        return items;
    }

    private TemplateExpression ParseDictionary(TemplateToken place)
    {
        var entries = new List<(TemplateExpression Key, TemplateExpression Value)>();
        while (!Take("}"))
        {
            var key = ParseExpression();
            Expect(":");
            entries.Add((key, ParseExpression()));
            if (!Is("}"))
                Expect(",");
        }

        return Placed(
            place,
            scope =>
            {
                var result = new TemplateMapping();
                foreach (var (key, value) in entries)
                    result[TemplateKey.From(key(scope))] = value(scope);
                return result;
            }
        );
    }

    private TemplateExpression ParsePostfix(TemplateExpression value)
    {
        for (var parts = 0; ; CountPart(ref parts))
        {
            var (target, place) = (value, Current);
            if (Take("."))
                value = ParseMember(target, place);
            else if (Take("["))
                value = ParseSubscript(target, place);
            else if (Is("("))
                value = ParseCallOf(target);
            else
                return value;
        }
    }

    private TemplateExpression ParseMember(TemplateExpression target, TemplateToken place)
    {
        if (Current.Kind == TemplateTokenKind.Integer)
        {
            var at = long.Parse(tokens[_at++].Value, CultureInfo.InvariantCulture);
            return Placed(place, scope => TemplateMembers.Item(target(scope), at));
        }

        var name = ExpectName();
        return Placed(place, scope => TemplateMembers.Member(target(scope), name));
    }

    private TemplateExpression ParseSubscript(TemplateExpression target, TemplateToken place)
    {
        var start = Is(":") ? null : ParseExpression();
        if (!Is(":"))
        {
            var keys = new List<TemplateExpression> { start! };
            while (Take(","))
                keys.Add(ParseExpression());
            Expect("]");
            return keys.Count == 1
                ? Placed(place, scope => TemplateMembers.Item(target(scope), start!(scope)))
                : Placed(
                    place,
                    scope => TemplateMembers.Item(target(scope), new TemplateTuple(keys.Select(key => key(scope))))
                );
        }

        _at++;
        var stop = Is(":") || Is("]") ? null : ParseExpression();
        var step = Take(":") && !Is("]") ? ParseExpression() : null;
        Expect("]");
        return Placed(
            place,
            scope =>
                TemplateMembers.Slice(target(scope), start?.Invoke(scope), stop?.Invoke(scope), step?.Invoke(scope))
        );
    }

    private TemplateExpression ParseCallOf(TemplateExpression target)
    {
        var place = Current;
        var arguments = ParseArguments();
        var call = Placed(place, scope => Call(scope, target(scope), arguments(scope)));
        _calls.Add(call, new CallParts(target, arguments));
        return call;
    }

    private static object? Call(TemplateScope scope, object? target, TemplateArguments arguments) =>
        target switch
        {
            TemplateObject callee => TemplateRun.Charged(callee.Call(scope, arguments)),
            Undefined missing => throw TemplateValue.Missing(missing),
            _ => throw TemplateValue.Wrong("call", target),
        };

    private Func<TemplateScope, TemplateArguments> ParseArguments()
    {
        Expect("(");
        var parts = new List<(string? Name, TemplateExpression Value)>();
        while (!Take(")"))
        {
            var isNamed =
                Current.Kind == TemplateTokenKind.Name
                && tokens[_at + 1] is { Kind: TemplateTokenKind.Operator, Value: "=" };
            if (isNamed)
            {
                var name = ExpectName();
                _at++;
                parts.Add((name, ParseExpression()));
            }
            else
            {
                parts.Add((TakeSpread(parts), ParseExpression()));
            }

            if (!Is(")"))
                Expect(",");
        }

        return scope => Evaluate(scope, parts);
    }

    /// <summary>The stars before an argument, which may not follow a named one without them.</summary>
    private string? TakeSpread(List<(string? Name, TemplateExpression Value)> before)
    {
        if (Take("**"))
            return "**";
        if (Take("*"))
            return "*";
        return before.TrueForAll(part => part.Name is null)
            ? null
            : throw Error("an argument without a name follows one with a name.");
    }

    private static TemplateArguments Evaluate(TemplateScope scope, List<(string? Name, TemplateExpression Value)> parts)
    {
        var positional = new List<object?>();
        var named = new Dictionary<string, object?>();
        foreach (var (name, expression) in parts)
        {
            var value = expression(scope);
            if (name is null)
                positional.Add(value);
            else if (name == "*")
                positional.AddRange(TemplateValue.Iterate(value));
            else if (name == "**")
                Spread(value, named);
            else if (!named.TryAdd(name, value))
                throw new TemplateError($"two arguments have the name {JsonField.Shown(name)}.");
        }

        return new TemplateArguments(positional, named);
    }

    private static void Spread(object? value, Dictionary<string, object?> named)
    {
        if (value is not TemplateMapping entries)
            throw TemplateValue.Wrong("spread", value);
        foreach (var (key, item) in entries)
        {
            var name = TemplateValue.AsText(key.Value) ?? throw TemplateValue.Wrong("take as a name", key.Value);
            if (!named.TryAdd(name, item))
                throw new TemplateError($"two arguments have the name {JsonField.Shown(name)}.");
        }
    }
}
