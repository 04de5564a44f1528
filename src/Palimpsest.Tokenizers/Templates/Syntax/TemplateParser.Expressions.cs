namespace Palimpsest.Tokenizers;

internal sealed partial class TemplateParser
{
    private TemplateExpression ParseTuple(bool allowCondition = true)
    {
        var first = allowCondition ? ParseExpression() : ParseOr();
        if (!Is(","))
            return first;
        var parts = new List<TemplateExpression> { first };
        while (Take(",") && !EndsTuple())
            parts.Add(allowCondition ? ParseExpression() : ParseOr());
        return scope => new TemplateTuple(parts.Select(part => part(scope)));
    }

    private bool EndsTuple() =>
        Is(")")
        || Current.Kind is TemplateTokenKind.BlockEnd or TemplateTokenKind.OutputEnd
        || (IsName("recursive") && tokens[_at + 1].Kind == TemplateTokenKind.BlockEnd);

    private TemplateExpression ParseExpression() => Nested(ParseConditional);

    private TemplateExpression ParseConditional()
    {
        var parts = 0;
        var place = Current;
        var known = _unknown.Count;
        var value = ParseOr();
        while (TakeName("if"))
        {
            CountPart(ref parts);
            var (then, condition) = (value, ParseOr());
            TemplateExpression otherwise = TakeName("else") ? ParseExpression() : _ => new Undefined("else");
            value = Placed(place, scope => TemplateValue.IsTrue(condition(scope)) ? then(scope) : otherwise(scope));
        }

        if (parts > 0)
            Guard(known);
        return value;
    }

    /// <summary>What a condition guards may name a filter or test that is not there, until it is reached.</summary>
    private void Guard(int known) => _unknown.RemoveRange(known, _unknown.Count - known);

    private TemplateExpression ParseOr()
    {
        var left = ParseAnd();
        var parts = 0;
        for (var place = Current; TakeName("or"); place = Current)
        {
            CountPart(ref parts);
            var (a, b) = (left, ParseAnd());
            left = Placed(place, scope => a(scope) is var value && TemplateValue.IsTrue(value) ? value : b(scope));
        }

        return left;
    }

    private TemplateExpression ParseAnd()
    {
        var left = ParseNot();
        var parts = 0;
        for (var place = Current; TakeName("and"); place = Current)
        {
            CountPart(ref parts);
            var (a, b) = (left, ParseNot());
            left = Placed(place, scope => a(scope) is var value && !TemplateValue.IsTrue(value) ? value : b(scope));
        }

        return left;
    }

    private TemplateExpression ParseNot()
    {
        var place = Current;
        if (!TakeName("not"))
            return ParseComparison();
        var value = Nested(ParseNot);
        return Placed(place, scope => !TemplateValue.IsTrue(value(scope)));
    }

    /// <summary>A chain of comparisons; each operand is computed once, and none behind the first that fails.</summary>
    private TemplateExpression ParseComparison()
    {
        var first = ParseSum();
        var links = new List<(TemplateToken Place, Func<object?, object?, bool> Compare, TemplateExpression Operand)>();
        var parts = 0;
        for (var place = Current; TakeComparison() is { } compare; place = Current)
        {
            CountPart(ref parts);
            links.Add((place, compare, ParseSum()));
        }

        if (links.Count == 0)
            return first;
        return Placed(
            links[0].Place,
            scope =>
            {
                var left = first(scope);
                foreach (var (_, compare, operand) in links)
                {
                    var right = operand(scope);
                    if (!compare(left, right))
                        return false;
                    left = right;
                }

                return true;
            }
        );
    }

    private Func<object?, object?, bool>? TakeComparison()
    {
        if (Current.Kind == TemplateTokenKind.Operator)
        {
            var sign = Current.Value;
            if (sign is not ("==" or "!=" or "<" or ">" or "<=" or ">="))
                return null;
            _at++;
            return sign switch
            {
                "==" => TemplateOrder.AreEqual,
                "!=" => (a, b) => !TemplateOrder.AreEqual(a, b),
                _ => (a, b) => TemplateOrder.Holds(sign, a, b),
            };
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
            var place = tokens[_at++];
            var (a, b) = (left, operand());
            left = Placed(place, scope => TemplateArithmetic.Apply(place.Value, a(scope), b(scope)));
        }

        return left;
    }

    private TemplateExpression ParseUnary(bool withFilters)
    {
        TemplateExpression value;
        var place = Current;
        if (Take("-"))
        {
            var operand = Nested(() => ParseUnary(withFilters: false));
            value = Placed(place, scope => TemplateArithmetic.Negate(operand(scope)));
        }
        else if (Take("+"))
        {
            var operand = Nested(() => ParseUnary(withFilters: false));
            value = Placed(place, scope => TemplateArithmetic.Plus(operand(scope)));
        }
        else
        {
            value = ParsePrimary();
        }

        value = ParsePostfix(value);
        return withFilters ? ParseFilters(value) : value;
    }

    private TemplateExpression ParseFilters(TemplateExpression value)
    {
        for (var parts = 0; ; CountPart(ref parts))
        {
            if (Is("|"))
                value = ParseFilterChain(value);
            else if (TakeName("is"))
                value = ParseTest(value);
            else if (Is("("))
                value = ParseCallOf(value);
            else
                return value;
        }
    }

    /// <summary>Filters one after the other; in a <c>filter</c> block the first has no bar before it.</summary>
    private TemplateExpression ParseFilterChain(TemplateExpression value, bool startsInline = false)
    {
        for (var parts = 0; startsInline || Take("|"); CountPart(ref parts))
        {
            startsInline = false;
            var place = Current;
            var name = ExpectDottedName();
            var arguments = Is("(") ? ParseArguments() : TemplateArguments.None;
            if (!TemplateFilters.Has(name))
                _unknown.Add(place.Error(TemplateFilters.Complaint(name)));
            var input = value;
            value = Placed(place, scope => TemplateFilters.Apply(name, scope, input(scope), arguments(scope)));
        }

        return value;
    }

    private string ExpectDottedName()
    {
        var name = ExpectName();
        while (Take("."))
            name += $".{ExpectName()}";
        return name;
    }

    private TemplateExpression ParseTest(TemplateExpression value)
    {
        var negated = TakeName("not");
        var place = Current;
        var name = ExpectDottedName();
        Func<TemplateScope, TemplateArguments> arguments = TemplateArguments.None;
        if (Is("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsArgument())
        {
            var argument = ParsePostfix(ParsePrimary());
            arguments = scope => new TemplateArguments([argument(scope)], new Dictionary<string, object?>());
        }

        if (!TemplatePredicates.Has(name))
            _unknown.Add(place.Error(TemplatePredicates.Complaint(name)));
        return Placed(place, scope => TemplatePredicates.Holds(name, scope, value(scope), arguments(scope)) != negated);
    }

    /// <summary>Whether an argument without parentheses follows a test's name.</summary>
    private bool StartsArgument() =>
        Current.Kind switch
        {
            TemplateTokenKind.Name when IsName("is") => throw Error("tests cannot follow one another."),
            TemplateTokenKind.Name => Current.Value is not ("else" or "or" or "and"),
            TemplateTokenKind.Literal or TemplateTokenKind.Integer or TemplateTokenKind.Number => true,
            _ => Is("[") || Is("{"),
        };
}
