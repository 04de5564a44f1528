namespace Palimpsest.Tokenizers;

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
        return scope =>
        {
            var tuple = new TemplateTuple();
            tuple.AddRange(parts.Select(part => part(scope)));
            return tuple;
        };
    }

    private TemplateExpression ParseExpression() => Nested(ParseConditional);

    private TemplateExpression ParseConditional()
    {
        var parts = 0;
        var value = ParseOr();
        while (TakeName("if"))
        {
            CountPart(ref parts);
            var (then, condition) = (value, ParseOr());
            TemplateExpression otherwise = TakeName("else") ? ParseExpression() : _ => new Undefined("else");
            value = Counted(scope => TemplateValue.IsTrue(condition(scope)) ? then(scope) : otherwise(scope));
        }

        return value;
    }

    /// <summary>The same with its evaluation counted, so that depth and number of steps stay within limits.</summary>
    private static TemplateExpression Counted(TemplateExpression expression) =>
        scope =>
        {
            scope.Run.Step();
            return expression(scope);
        };

    private TemplateExpression ParseOr()
    {
        var left = ParseAnd();
        var parts = 0;
        while (TakeName("or"))
        {
            CountPart(ref parts);
            var (a, b) = (left, ParseAnd());
            left = Counted(scope => a(scope) is var value && TemplateValue.IsTrue(value) ? value : b(scope));
        }

        return left;
    }

    private TemplateExpression ParseAnd()
    {
        var left = ParseNot();
        var parts = 0;
        while (TakeName("and"))
        {
            CountPart(ref parts);
            var (a, b) = (left, ParseNot());
            left = Counted(scope => a(scope) is var value && !TemplateValue.IsTrue(value) ? value : b(scope));
        }

        return left;
    }

    private TemplateExpression ParseNot()
    {
        if (!TakeName("not"))
            return ParseComparison();
        var value = Nested(ParseNot);
        return Counted(scope => !TemplateValue.IsTrue(value(scope)));
    }

    private TemplateExpression ParseComparison()
    {
        var left = ParseSum();
        TemplateExpression? all = null;
        var parts = 0;
        while (TakeComparison() is { } compare)
        {
            CountPart(ref parts);
            var (a, b) = (left, ParseSum());
            var one = Counted(scope => compare(a(scope), b(scope)));
            var before = all;
            all = before is null ? one : Counted(scope => TemplateValue.IsTrue(before(scope)) ? one(scope) : false);
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
        var parts = 0;
        while (Current.Kind == TemplateTokenKind.Operator && Array.IndexOf(operators, Current.Value) >= 0)
        {
            CountPart(ref parts);
            var name = tokens[_at++].Value;
            var (a, b) = (left, operand());
            left = Counted(scope => TemplateArithmetic.Apply(name, a(scope), b(scope)));
        }

        return left;
    }

    private TemplateExpression ParseUnary(bool withFilters)
    {
        TemplateExpression value;
        if (Take("-"))
        {
            var operand = Nested(() => ParseUnary(withFilters: false));
            value = Counted(scope => TemplateArithmetic.Apply("-", 0L, operand(scope)));
        }
        else if (Take("+"))
        {
            value = Nested(() => ParseUnary(withFilters: false));
        }
        else
        {
            value = ParsePostfix(ParsePrimary());
        }

        return withFilters ? ParseFilters(value) : value;
    }

    private TemplateExpression ParseFilters(TemplateExpression value)
    {
        for (var parts = 0; ; CountPart(ref parts))
        {
            if (Take("|"))
            {
                var name = ExpectName();
                var arguments = Is("(") ? ParseArguments() : TemplateArguments.None;
                if (!TemplateFilters.Has(name))
                    throw Error($"filter '{name}' is not supported.");
                var input = value;
                value = ParsePostfix(Counted(scope => TemplateFilters.Apply(name, input(scope), arguments(scope))));
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
        else if (TemplatePredicates.TakesArgument(name))
        {
            var argument = ParseUnary(withFilters: false);
            arguments = scope => new([argument(scope)], new Dictionary<string, object?>());
        }

        if (!TemplatePredicates.Has(name))
            throw Error($"test '{name}' is not supported.");
        return Counted(scope => TemplatePredicates.Holds(name, value(scope), arguments(scope).Positional) != negated);
    }
}
