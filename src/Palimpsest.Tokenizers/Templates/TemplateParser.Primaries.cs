using System.Globalization;
using System.Text;

namespace Palimpsest.Tokenizers;

internal sealed partial class TemplateParser
{
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
                return long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                    ? _ => whole
                    : throw Error($"{JsonField.Shown(token.Value)} is too large.");
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
                return ParseDictionary();
            default:
                _at--;
                throw Error($"a value is expected where {JsonField.Shown(token.Value)} is.");
        }
    }

    private static TemplateExpression Named(string name) =>
        name switch
        {
            "true" or "True" => _ => true,
            "false" or "False" => _ => false,
            "none" or "None" => _ => null,
            _ => scope => scope.Get(name),
        };

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

    private TemplateExpression ParseDictionary()
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

        return scope =>
        {
            var result = new Dictionary<string, object?>();
            foreach (var (key, value) in entries)
                result[TemplateValue.Show(key(scope))] = value(scope);
            return result;
        };
    }

    private TemplateExpression ParsePostfix(TemplateExpression value, bool callsLast = true)
    {
        for (var parts = 0; ; CountPart(ref parts))
        {
            var target = value;
            if (Take("."))
            {
                var name = Current.Kind == TemplateTokenKind.Integer ? tokens[_at++].Value : ExpectName();
                value = Counted(scope => TemplateValue.Member(target(scope), name));
            }
            else if (Take("["))
            {
                value = ParseSubscript(target);
            }
            else if (Is("(") && callsLast)
            {
                var arguments = ParseArguments();
                value = Counted(scope => Call(scope, target(scope), arguments(scope)));
            }
            else
            {
                return value;
            }
        }
    }

    private TemplateExpression ParseSubscript(TemplateExpression target)
    {
        var start = Is(":") ? null : ParseExpression();
        if (!Is(":"))
        {
            Expect("]");
            return Counted(scope => TemplateValue.Item(target(scope), start!(scope)));
        }

        _at++;
        var stop = Is(":") || Is("]") ? null : ParseExpression();
        var step = Take(":") && !Is("]") ? ParseExpression() : null;
        Expect("]");
        return Counted(scope =>
            TemplateValue.Slice(target(scope), start?.Invoke(scope), stop?.Invoke(scope), step?.Invoke(scope))
        );
    }

    private static object? Call(TemplateScope scope, object? target, TemplateArguments arguments) =>
        target switch
        {
            TemplateFunction function => TemplateRun.Charged(function.Call(scope, arguments)),
            Undefined missing => throw new InputException(
                $"Chat template: {JsonField.Shown(missing.Name)} is undefined and cannot be called."
            ),
            _ => throw new InputException("Chat template: what is called is not a function."),
        };

    private Func<TemplateScope, TemplateArguments> ParseArguments()
    {
        Expect("(");
        var parts = new List<(string? Name, TemplateExpression Value)>();
        while (!Take(")"))
        {
            if (
                Current.Kind == TemplateTokenKind.Name
                && tokens[_at + 1] is { Kind: TemplateTokenKind.Operator, Value: "=" }
            )
            {
                var name = ExpectName();
                _at++;
                parts.Add((name, ParseExpression()));
            }
            else
            {
                var spread =
                    Take("**") ? "**"
                    : Take("*") ? "*"
                    : null;
                parts.Add((spread, ParseExpression()));
            }

            if (!Is(")"))
                Expect(",");
        }

        return scope => Evaluate(scope, parts);
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
            else if (name != "**")
                named[name] = value;
            else if (value is Dictionary<string, object?> entries)
                entries.ToList().ForEach(entry => named[entry.Key] = entry.Value);
            else
                throw TemplateValue.Wrong("spread", value);
        }

        return new TemplateArguments(positional, named);
    }
}
