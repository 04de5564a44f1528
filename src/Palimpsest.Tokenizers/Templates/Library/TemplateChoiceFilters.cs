namespace Palimpsest.Tokenizers;

/// <summary>Filters that choose: a default, a member, items that pass a test.</summary>
internal static class TemplateChoiceFilters
{
    public static IReadOnlyList<(string Names, string Signature, Func<TemplateCall, object?> Body)> All { get; } =
    [
        ("default d", "default_value? boolean?", Default),
        ("attr", "name", c => AttributeOf(c.Target, c.Word(0))),
        ("map", "*", c => new TemplateGenerator(Map(c))),
        ("select", "*", c => new TemplateGenerator(Select(c, byAttribute: false, keeps: true))),
        ("reject", "*", c => new TemplateGenerator(Select(c, byAttribute: false, keeps: false))),
        ("selectattr", "*", c => new TemplateGenerator(Select(c, byAttribute: true, keeps: true))),
        ("rejectattr", "*", c => new TemplateGenerator(Select(c, byAttribute: true, keeps: false))),
    ];

    private static object? AttributeOf(object? target, string name) =>
        target is Undefined missing ? throw TemplateValue.Missing(missing) : TemplateMembers.Own(target, name);

    private static object? Default(TemplateCall call)
    {
        var isMissing = call.Target is Undefined || (call.Flag(1) && !TemplateValue.IsTrue(call.Target));
        return isMissing ? call.Or(0, "") : call.Target;
    }

    private static IEnumerable<object?> Map(TemplateCall call)
    {
        if (!TemplateValue.IsTrue(call.Target))
            yield break;
        var apply = Mapping(call);
        foreach (var item in TemplateValue.Iterate(call.Target))
            yield return apply(item);
    }

    private static Func<object?, object?> Mapping(TemplateCall call)
    {
        var (positional, named) = (call.More.Positional, call.More.Named);
        if (positional.Count == 0 && named.TryGetValue("attribute", out var attribute))
        {
            if (named.Keys.FirstOrDefault(name => name is not ("attribute" or "default")) is { } other)
                throw new TemplateError($"filter 'map' has no argument {JsonField.Shown(other)}.");
            return TemplateAttribute.Reader(attribute, absent: named.GetValueOrDefault("default"));
        }

        if (positional.Count == 0)
            throw new TemplateError("filter 'map' lacks the name of a filter.");
        var filter = TemplateValue.Show(positional[0]);
        var rest = new TemplateArguments([.. positional.Skip(1)], named);
        return item => TemplateFilters.Apply(filter, call.Scope, item, rest);
    }

    private static IEnumerable<object?> Select(TemplateCall call, bool byAttribute, bool keeps)
    {
        if (!TemplateValue.IsTrue(call.Target))
            yield break;
        var holds = Condition(call, byAttribute);
        foreach (var item in TemplateValue.Iterate(call.Target))
        {
            if (holds(item) == keeps)
                yield return item;
        }
    }

    private static Func<object?, bool> Condition(TemplateCall call, bool byAttribute)
    {
        var positional = call.More.Positional;
        var skipped = byAttribute ? 1 : 0;
        if (positional.Count < skipped)
            throw new TemplateError("a filter by attribute lacks the attribute's name.");
        var read = TemplateAttribute.Reader(byAttribute ? positional[0] : null);
        if (positional.Count == skipped)
            return item => TemplateValue.IsTrue(read(item));
        var test = TemplateValue.Show(positional[skipped]);
        var rest = new TemplateArguments([.. positional.Skip(skipped + 1)], call.More.Named);
        return item => TemplatePredicates.Holds(test, call.Scope, read(item), rest);
    }
}
