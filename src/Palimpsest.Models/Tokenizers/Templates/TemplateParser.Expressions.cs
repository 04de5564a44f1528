using System.Globalization;

namespace Palimpsest.Models;

internal sealed partial class TemplateParser
{
    private TemplateExpression ParseTuple(bool allowCondition = true)
    {
        var first = allowCondition ? ParseExpression() : ParseOr();
        if (!Is(","))
            return first;
        var parts = new List<TemplateExpression> { first };
        while (Take(",") && !Is(")") && Current.Kind is not (TemplateTokenKind.BlockEnd or TemplateTokenKind.OutputEnd))
            parts.Add(allowCondition ? ParseExpression() : ParseOr());
        return scope => parts.Select(part => part(scope)).ToList();
    }

    private TemplateExpression ParseExpression()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        var value = ParseOr();
        while (TakeName("if"))
        {
            var (then, condition) = (value, ParseOr());
            TemplateExpression otherwise = TakeName("else") ? ParseExpression() : _ => new Undefined("else");
            value = scope => TemplateValue.IsTrue(condition(scope)) ? then(scope) : otherwise(scope);
        }

        return value;
    }

    private TemplateExpression ParseOr()
    {
        var left = ParseAnd();
        while (TakeName("or"))
        {
            var (a, b) = (left, ParseAnd());
            left = scope => a(scope) is var value && TemplateValue.IsTrue(value) ? value : b(scope);
        }

        return left;
    }

    private TemplateExpression ParseAnd()
    {
        var left = ParseNot();
        while (TakeName("and"))
        {
            var (a, b) = (left, ParseNot());
            left = scope => a(scope) is var value && !TemplateValue.IsTrue(value) ? value : b(scope);
        }

        return left;
    }

    private TemplateExpression ParseNot()
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (!TakeName("not"))
            return ParseComparison();
        var value = ParseNot();
        return scope => !TemplateValue.IsTrue(value(scope));
    }

    private TemplateExpression ParseComparison()
    {
        var left = ParseSum();
        TemplateExpression? all = null;
        while (TakeComparison() is { } compare)
        {
            var (a, b) = (left, ParseSum());
            TemplateExpression one = scope => compare(a(scope), b(scope));
            var before = all;
            all = before is null ? one : scope => TemplateValue.IsTrue(before(scope)) ? one(scope) : false;
            left = b;
        }

        return all ?? left;
    }

    private Func<object?, object?, object?>? TakeComparison()
    {
        if (Current.Kind == TemplateTokenKind.Operator)
        {
            Func<object?, object?, object?>? found = Current.Value switch
            {
                "==" => (a, b) => TemplateValue.AreEqual(a, b),
                "!=" => (a, b) => !TemplateValue.AreEqual(a, b),
                "<" => (a, b) => TemplateValue.Compare(a, b) < 0,
                ">" => (a, b) => TemplateValue.Compare(a, b) > 0,
                "<=" => (a, b) => TemplateValue.Compare(a, b) <= 0,
                ">=" => (a, b) => TemplateValue.Compare(a, b) >= 0,
                _ => null,
            };
            _at += found is null ? 0 : 1;
            return found;
        }

        if (TakeName("in"))
            return (a, b) => TemplateValue.Contains(b, a);
        if (IsName("not") && tokens[_at + 1] is { Kind: TemplateTokenKind.Name, Value: "in" })
        {
            _at += 2;
            return (a, b) => !TemplateValue.Contains(b, a);
        }

        return null;
    }

    private TemplateExpression ParseSum() => ParseBinary(ParseConcatenation, "+", "-");

    private TemplateExpression ParseConcatenation() => ParseBinary(ParseProduct, "~");

    private TemplateExpression ParseProduct() => ParseBinary(ParsePower, "*", "//", "/", "%");

    private TemplateExpression ParsePower() => ParseBinary(() => ParseUnary(withFilters: true), "**");

    private TemplateExpression ParseBinary(Func<TemplateExpression> operand, params string[] operators)
    {
        var left = operand();
        while (Current.Kind == TemplateTokenKind.Operator && Array.IndexOf(operators, Current.Value) >= 0)
        {
            var name = tokens[_at++].Value;
            var (a, b) = (left, operand());
            left = scope => TemplateArithmetic.Apply(name, a(scope), b(scope));
        }

        return left;
    }

    private TemplateExpression ParseUnary(bool withFilters)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        TemplateExpression value;
        if (Take("-"))
        {
            var operand = ParseUnary(withFilters: false);
            value = scope => TemplateArithmetic.Apply("-", 0L, operand(scope));
        }
        else if (Take("+"))
        {
            value = ParseUnary(withFilters: false);
        }
        else
        {
            value = ParsePostfix(ParsePrimary());
        }

        return withFilters ? ParseFilters(value) : value;
    }

    private TemplateExpression ParseFilters(TemplateExpression value)
    {
        while (true)
        {
            if (Take("|"))
            {
                var name = ExpectName();
                var arguments = Is("(") ? ParseArguments() : TemplateArguments.None;
                if (!TemplateFilters.Has(name))
                    throw Error($"filter '{name}' is not supported.");
                var input = value;
                value = ParsePostfix(scope =>
                {
                    scope.Run.Step();
                    return TemplateFilters.Apply(name, input(scope), arguments(scope));
                });
            }
            else if (TakeName("is"))
            {
                value = ParseTest(value);
            }
            else
            {
                return value;
            }
        }
    }

    private TemplateExpression ParseTest(TemplateExpression value)
    {
        var negated = TakeName("not");
        var name = Is("==") ? tokens[_at++].Value : ExpectName();
        Func<TemplateScope, TemplateArguments> arguments = TemplateArguments.None;
        if (Is("("))
        {
            arguments = ParseArguments();
        }
        else if (TemplateTests.TakesArgument(name))
        {
            var argument = ParseUnary(withFilters: false);
            arguments = scope => new([argument(scope)], new Dictionary<string, object?>());
        }

        if (!TemplateTests.Has(name))
            throw Error($"test '{name}' is not supported.");
        return scope => TemplateTests.Holds(name, value(scope), arguments(scope).Positional) != negated;
    }

    private TemplateExpression ParsePrimary()
    {
        var token = tokens[_at++];
        switch (token.Kind)
        {
            case TemplateTokenKind.Literal:
                var text = token.Value;
                while (Current.Kind == TemplateTokenKind.Literal)
                    text += tokens[_at++].Value;
                return _ => text;
            case TemplateTokenKind.Integer:
                return long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                    ? _ => whole
                    : throw Error($"{token.Value} is too large.");
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
                throw Error($"a value is expected where '{token.Value}' is.");
        }
    }

    private static TemplateExpression Named(string name) => name switch
    {
        "true" or "True" => _ => true,
        "false" or "False" => _ => false,
        "none" or "None" => _ => null,
        _ => scope => scope.Get(name),
    };

    private TemplateExpression ParseParenthesis()
    {
        if (Take(")"))
            return _ => new List<object?>();
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

    private TemplateExpression ParsePostfix(TemplateExpression value)
    {
        while (true)
        {
            var target = value;
            if (Take("."))
            {
                var name = Current.Kind == TemplateTokenKind.Integer ? tokens[_at++].Value : ExpectName();
                value = scope => TemplateValue.Member(target(scope), name);
            }
            else if (Take("["))
            {
                value = ParseSubscript(target);
            }
            else if (Is("("))
            {
                var arguments = ParseArguments();
                value = scope =>
                {
                    scope.Run.Step();
                    return target(scope) is TemplateFunction function
                        ? function.Call(scope, arguments(scope))
                        : throw new InputException("Chat template: what is called is not a function.");
                };
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
            return scope => TemplateValue.Item(target(scope), start!(scope));
        }

        _at++;
        var stop = Is(":") || Is("]") ? null : ParseExpression();
        var step = Take(":") && !Is("]") ? ParseExpression() : null;
        Expect("]");
        return scope => TemplateValue.Slice(target(scope), start?.Invoke(scope), stop?.Invoke(scope), step?.Invoke(scope));
    }

    private Func<TemplateScope, TemplateArguments> ParseArguments()
    {
        Expect("(");
        var positional = new List<TemplateExpression>();
        var named = new List<(string Name, TemplateExpression Value)>();
        while (!Take(")"))
        {
            if (Current.Kind == TemplateTokenKind.Name && tokens[_at + 1] is { Kind: TemplateTokenKind.Operator, Value: "=" })
            {
                var name = ExpectName();
                _at++;
                named.Add((name, ParseExpression()));
            }
            else
            {
                positional.Add(ParseExpression());
            }

            if (!Is(")"))
                Expect(",");
        }

        return scope => new([.. positional.Select(a => a(scope))], named.ToDictionary(a => a.Name, a => a.Value(scope)));
    }
}
