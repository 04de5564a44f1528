namespace Palimpsest.Tokenizers;

/// <summary>What can stand after <c>is</c>.</summary>
internal static class TemplatePredicates
{
    private static readonly Dictionary<string, Func<object?, IReadOnlyList<object?>, bool>> Tests = new()
    {
        ["defined"] = (v, _) => v is not Undefined,
        ["undefined"] = (v, _) => v is Undefined,
        ["none"] = (v, _) => v is null,
        ["string"] = (v, _) => v is string,
        ["boolean"] = (v, _) => v is bool,
        ["true"] = (v, _) => v is true,
        ["false"] = (v, _) => v is false,
        ["integer"] = (v, _) => v is long,
        ["float"] = (v, _) => v is double,
        ["number"] = (v, _) => v is long or double or bool,
        ["mapping"] = (v, _) => v is Dictionary<string, object?>,
        ["sequence"] = (v, _) => v is string or List<object?> or Dictionary<string, object?>,
        ["iterable"] = (v, _) => v is string or List<object?> or Dictionary<string, object?>,
        ["callable"] = (v, _) => v is TemplateFunction,
        ["odd"] = (v, _) => TemplateValue.Whole(v) % 2 != 0,
        ["even"] = (v, _) => TemplateValue.Whole(v) % 2 == 0,
        ["divisibleby"] = (v, a) => TemplateValue.Whole(v) % TemplateValue.Whole(Only(a)) == 0,
        ["lower"] = (v, _) => v is string text && !text.Any(char.IsUpper),
        ["upper"] = (v, _) => v is string text && !text.Any(char.IsLower),
        ["in"] = (v, a) => TemplateValue.Contains(Only(a), v),
        ["=="] = (v, a) => TemplateValue.AreEqual(v, Only(a)),
        ["eq"] = (v, a) => TemplateValue.AreEqual(v, Only(a)),
        ["equalto"] = (v, a) => TemplateValue.AreEqual(v, Only(a)),
        ["ne"] = (v, a) => !TemplateValue.AreEqual(v, Only(a)),
        ["lt"] = (v, a) => TemplateValue.Compare(v, Only(a)) < 0,
        ["le"] = (v, a) => TemplateValue.Compare(v, Only(a)) <= 0,
        ["gt"] = (v, a) => TemplateValue.Compare(v, Only(a)) > 0,
        ["ge"] = (v, a) => TemplateValue.Compare(v, Only(a)) >= 0,
        ["sameas"] = (v, a) => Equals(v, Only(a)),
    };

    public static bool Has(string name) => Tests.ContainsKey(name);

    /// <summary>True for tests whose argument may stand without parentheses.</summary>
    public static bool TakesArgument(string name) =>
        name is "divisibleby" or "in" or "==" or "eq" or "equalto" or "ne" or "lt" or "le" or "gt" or "ge" or "sameas";

    public static bool Holds(string name, object? value, IReadOnlyList<object?> arguments) =>
        Tests[name](value, arguments);

    private static object? Only(IReadOnlyList<object?> arguments) =>
        arguments.Count > 0 ? arguments[0] : throw new InputException("Chat template: a test lacks its argument.");
}
