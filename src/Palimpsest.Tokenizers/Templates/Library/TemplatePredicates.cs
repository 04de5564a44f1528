namespace Palimpsest.Tokenizers;

/// <summary>What can stand after <c>is</c>: every test of Jinja's own documentation.</summary>
internal static class TemplatePredicates
{
    private static readonly Dictionary<string, TemplateRoutine> Known = (
        from entry in All()
        from name in entry.Names.Split(' ')
        select (name, new TemplateRoutine($"test '{name}'", entry.Signature, call => entry.Holds(call)))
    ).ToDictionary();

    public static bool Has(string name) => Known.ContainsKey(name);

    /// <summary>What is said of a test that is not there.</summary>
    public static string Complaint(string name) => $"there is no test {JsonField.Shown(name)}.";

    public static bool Holds(string name, TemplateScope scope, object? value, TemplateArguments arguments) =>
        Known.TryGetValue(name, out var test)
            ? test.Apply(scope, value, arguments) is true
            : throw new TemplateError(Complaint(name));

    private static IEnumerable<(string Names, string Signature, Func<TemplateCall, bool> Holds)> All() =>
        [
            ("defined", "", c => c.Target is not Undefined),
            ("undefined", "", c => c.Target is Undefined),
            ("none", "", c => c.Target is null),
            ("boolean", "", c => c.Target is bool),
            ("true", "", c => c.Target is true),
            ("false", "", c => c.Target is false),
            ("integer", "", c => c.Target is long),
            ("float", "", c => c.Target is double),
            ("number", "", c => c.Target is long or double or bool),
            ("string", "", c => TemplateValue.AsText(c.Target) is not null),
            ("escaped", "", c => c.Target is TemplateMarkup),
            ("mapping", "", c => c.Target is TemplateMapping),
            ("sequence", "", c => IsSequence(c.Target)),
            ("iterable", "", c => TemplateValue.IsIterable(c.Target)),
            ("callable", "", c => c.Target is Undefined or TemplateObject { IsCallable: true }),
            ("lower", "", c => TemplateTextMethods.IsLower(c.Text)),
            ("upper", "", c => TemplateTextMethods.IsUpper(c.Text)),
            ("odd", "", c => LeavesOf(c.Target, 2L, 1L)),
            ("even", "", c => LeavesOf(c.Target, 2L, 0L)),
            ("divisibleby", "num", c => LeavesOf(c.Target, c[0], 0L)),
            ("in", "seq", c => TemplateValue.Contains(c[0], c.Target)),
            ("sameas", "other", c => IsSame(c.Target, c[0])),
            ("filter", "", c => TemplateFilters.IsJinja(c.Text)),
            ("test", "", c => Has(c.Text)),
            ("== eq equalto", "/b", c => TemplateOrder.AreEqual(c.Target, c[0])),
            ("!= ne", "/b", c => !TemplateOrder.AreEqual(c.Target, c[0])),
            ("< lt lessthan", "/b", c => TemplateOrder.Holds("<", c.Target, c[0])),
            ("<= le", "/b", c => TemplateOrder.Holds("<=", c.Target, c[0])),
            ("> gt greaterthan", "/b", c => TemplateOrder.Holds(">", c.Target, c[0])),
            (">= ge", "/b", c => TemplateOrder.Holds(">=", c.Target, c[0])),
        ];

    private static bool IsSequence(object? value) =>
        value is string or TemplateMarkup or List<object?> or TemplateMapping or TemplateRange or Undefined;

    private static bool LeavesOf(object? value, object? divisor, object rest) =>
        TemplateOrder.AreEqual(TemplateArithmetic.Apply("%", value, divisor), rest);

    /// <summary>Whether two are one object: none and truth values are, numbers and texts are not told
    /// apart.</summary>
    private static bool IsSame(object? value, object? other)
    {
        if (value is null or bool || other is null or bool)
            return Equals(value, other);
        if (value is long or double or string or TemplateMarkup && value.GetType() == other.GetType())
            throw new TemplateError("test 'sameas' is supported for none, truth values, lists and mappings.");
        return ReferenceEquals(value, other);
    }
}
